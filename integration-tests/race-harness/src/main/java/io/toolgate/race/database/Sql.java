package io.toolgate.race.database;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;

/** The harness's own statements, each in a file next to this class. */
final class Sql {
    private Sql() {}

    /** The statement in {@code file}. */
    static String read(String file) throws IOException {
        try (InputStream in = Sql.class.getResourceAsStream(file)) {
            if (in == null) {
                throw new IOException(file + " is missing from the jar");
            }
            return new String(in.readAllBytes(), StandardCharsets.UTF_8);
        }
    }
}
