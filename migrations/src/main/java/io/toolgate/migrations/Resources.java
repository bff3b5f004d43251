package io.toolgate.migrations;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;

/** Reads text resources of this jar. */
final class Resources {

    private Resources() {}

    static String read(String path) {
        try (InputStream in = Resources.class.getResourceAsStream(path)) {
            if (in == null) {
                throw new IllegalStateException("Resource " + path
                        + " is missing from the jar of toolgate-migrations. Was it repackaged without its resources?");
            }
            return new String(in.readAllBytes(), StandardCharsets.UTF_8);
        } catch (IOException e) {
            throw new UncheckedIOException("Cannot read " + path + " from the jar of toolgate-migrations", e);
        }
    }
}
