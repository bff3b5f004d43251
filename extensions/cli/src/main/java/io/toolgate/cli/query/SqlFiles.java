package io.toolgate.cli.query;

import io.toolgate.migrations.Database;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.stream.Collectors;

/** The statements of the command line, one in each file beside this class; every database has a file of each name. */
final class SqlFiles {
    private SqlFiles() {}

    /** The statement called {@code name}, without its comments. */
    static String load(Database database, String name) {
        String path = database.directory() + "/" + name + ".sql";
        try (InputStream in = SqlFiles.class.getResourceAsStream(path)) {
            if (in == null) {
                throw new IllegalStateException(
                        "SQL file " + path + " is missing from the jar: build or download it again");
            }
            return new String(in.readAllBytes(), StandardCharsets.UTF_8)
                    .lines()
                    .filter(line -> !line.startsWith("--"))
                    .collect(Collectors.joining("\n"))
                    .strip();
        } catch (IOException e) {
            throw new UncheckedIOException("SQL file " + path + " in the jar could not be read", e);
        }
    }
}
