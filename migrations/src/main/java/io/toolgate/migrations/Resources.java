package io.toolgate.migrations;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.URL;
import java.nio.charset.StandardCharsets;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;

/** Reads text resources of this jar, and runs them. */
final class Resources {

    private Resources() {}

    static boolean exists(String path) {
        return Resources.class.getResource(path) != null;
    }

    static String read(String path) {
        try (InputStream in = Resources.class.getResourceAsStream(path)) {
            if (in == null) {
                throw missing(path);
            }
            return new String(in.readAllBytes(), StandardCharsets.UTF_8);
        } catch (IOException e) {
            throw new UncheckedIOException("Cannot read " + path + " from the jar of toolgate-migrations", e);
        }
    }

    /** The lines of all files of a name, in whatever jars. */
    static List<String> allLines(String name) {
        List<String> lines = new ArrayList<>();
        try {
            for (URL file : Collections.list(Resources.class.getClassLoader().getResources(name))) {
                try (InputStream in = file.openStream()) {
                    new String(in.readAllBytes(), StandardCharsets.UTF_8)
                            .lines()
                            .forEach(lines::add);
                }
            }
        } catch (IOException e) {
            throw new UncheckedIOException("Cannot read the files " + name + " of the class path", e);
        }
        return lines;
    }

    static IllegalStateException missing(String path) {
        return new IllegalStateException("Resource " + path
                + " is missing from the jar of toolgate-migrations. Was it repackaged without its resources?");
    }

    /** Runs a script in one transaction; a connection that is in auto-commit mode is so again afterwards. */
    static void run(Connection connection, String script) throws SQLException {
        connection.setAutoCommit(false);
        try (Statement statement = connection.createStatement()) {
            int unused = statement.executeUpdate(script);
            connection.commit();
        } catch (SQLException e) {
            connection.rollback();
            throw e;
        } finally {
            connection.setAutoCommit(true);
        }
    }

    /** Runs a script in {@code schema}, and undoes what it did. */
    static void tryOut(Connection connection, String schema, String script) throws SQLException {
        connection.setAutoCommit(false);
        try (Statement statement = connection.createStatement()) {
            // Undone as well.
            connection.setSchema(schema);
            boolean unused = statement.execute(script);
        } finally {
            connection.rollback();
            connection.setAutoCommit(true);
        }
    }
}
