package io.toolgate.store.jdbc;

import java.sql.Connection;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import javax.sql.DataSource;

/** Statements that tests send past the store. */
public final class TestSql {
    private TestSql() {}

    /** Runs statements on one connection. */
    public static void run(DataSource dataSource, String... statements) {
        try (Connection connection = dataSource.getConnection()) {
            run(connection, statements);
        } catch (SQLException e) {
            throw new AssertionError(e);
        }
    }

    static void run(Connection connection, String... statements) {
        try (var statement = connection.createStatement()) {
            for (String sql : statements) {
                boolean unused = statement.execute(sql);
            }
        } catch (SQLException e) {
            throw new AssertionError(e);
        }
    }

    /** The rows of a query, their columns joined by a bar. */
    public static List<String> rows(DataSource dataSource, String query) {
        try (Connection connection = dataSource.getConnection()) {
            return rows(connection, query);
        } catch (SQLException e) {
            throw new AssertionError(e);
        }
    }

    static List<String> rows(Connection connection, String query) {
        List<String> rows = new ArrayList<>();
        try (var statement = connection.createStatement();
                var row = statement.executeQuery(query)) {
            while (row.next()) {
                List<String> columns = new ArrayList<>();
                for (int i = 1; i <= row.getMetaData().getColumnCount(); i++) {
                    columns.add(String.valueOf(row.getString(i)));
                }
                rows.add(String.join("|", columns));
            }
        } catch (SQLException e) {
            throw new AssertionError(e);
        }
        return rows;
    }
}
