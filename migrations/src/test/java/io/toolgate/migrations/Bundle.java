package io.toolgate.migrations;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** The bundle's files, as they are in the source tree. */
final class Bundle {

    static final Path FOLDER = Path.of("src/main/bundle");
    static final Path MIGRATIONS = Path.of("src/main/resources/db/toolgate");

    private Bundle() {}

    static String text(String file) throws IOException {
        return Files.readString(FOLDER.resolve(file));
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
