package io.toolgate.migrations;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;

/** The bundle's files, as they are in the source tree. */
final class Bundle {

    static final Path FOLDER = Path.of("src/main/bundle");
    static final Path JOURNAL = Path.of("src/main/resources/io/toolgate/migrations");
    static final Path MIGRATIONS = JOURNAL.resolve("schema");

    private Bundle() {}

    static String text(String file) throws IOException {
        return Files.readString(FOLDER.resolve(file));
    }

    /** The one query of monitoring.sql that holds {@code words}. */
    static String monitoring(String words) {
        try {
            List<String> found = Stream.of(text("postgresql/monitoring.sql").split(";\n"))
                    .filter(query -> query.contains(words))
                    .toList();
            if (found.size() != 1) {
                throw new AssertionError("Expected one query with " + words + ", got " + found);
            }
            return found.get(0);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** What psql makes of grants.sql with no variable set. */
    static String grants() throws IOException {
        return text("postgresql/grants.sql")
                .replaceAll("(?m)^\\\\.*$", "")
                .replace(":'runtime_role'", "'toolgate_runtime'")
                .replace(":\"runtime_role\"", "\"toolgate_runtime\"")
                .replace(":'purger_role'", "'toolgate_purger'")
                .replace(":\"purger_role\"", "\"toolgate_purger\"");
    }
}
