package io.toolgate.migrations;

import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import javax.sql.DataSource;

/** Runs statements for tests. */
final class Sql {

    private Sql() {}

    /** All of the text in one transaction, as {@code psql -1} and {@code sqlite3 -bail} with BEGIN and COMMIT do. */
    static void runInOneTransaction(DataSource dataSource, String sql) throws SQLException {
        try (Connection connection = dataSource.getConnection()) {
            connection.setAutoCommit(false);
            try (Statement statement = connection.createStatement()) {
                if (Database.of(connection) == Database.SQLITE) {
                    int ignored = statement.executeUpdate(sql);
                } else {
                    boolean ignored = statement.execute(sql);
                }
                connection.commit();
            } catch (SQLException e) {
                connection.rollback();
                throw e;
            }
        }
    }

    static void run(DataSource dataSource, String... statements) throws SQLException {
        try (Connection connection = dataSource.getConnection()) {
            run(connection, statements);
        }
    }

    static void run(Connection connection, String... statements) throws SQLException {
        try (Statement statement = connection.createStatement()) {
            for (String sql : statements) {
                boolean ignored = statement.execute(sql);
            }
        }
    }

    static List<String> rows(DataSource dataSource, String query) throws SQLException {
        try (Connection connection = dataSource.getConnection()) {
            return rows(connection, query);
        }
    }

    /** Each row as one text, columns separated by a bar. */
    static List<String> rows(Connection connection, String query) throws SQLException {
        List<String> rows = new ArrayList<>();
        try (Statement statement = connection.createStatement();
                ResultSet row = statement.executeQuery(query)) {
            int columns = row.getMetaData().getColumnCount();
            while (row.next()) {
                List<String> values = new ArrayList<>();
                for (int i = 1; i <= columns; i++) {
                    values.add(row.getString(i));
                }
                rows.add(String.join(" | ", values.stream().map(String::valueOf).toList()));
            }
        }
        return rows;
    }

    static String one(DataSource dataSource, String query) throws SQLException {
        List<String> rows = rows(dataSource, query);
        if (rows.size() != 1) {
            throw new AssertionError("Expected one row from " + query + ", got " + rows);
        }
        return rows.get(0);
    }

    static long count(DataSource dataSource, String table) throws SQLException {
        return Long.parseLong(one(dataSource, "SELECT count(*) FROM " + table));
    }
}
