package io.toolgate.migrations;

import io.zonky.test.db.postgres.embedded.EmbeddedPostgres;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.concurrent.atomic.AtomicInteger;
import javax.sql.DataSource;
import org.postgresql.ds.PGSimpleDataSource;

/** One real PostgreSQL server for the whole test run; every test gets a database of its own. */
final class TestPostgres {

    private static final AtomicInteger DATABASES = new AtomicInteger();
    private static final EmbeddedPostgres SERVER = start();

    private TestPostgres() {}

    static DataSource freshDatabase() throws SQLException {
        return freshDatabase("TEMPLATE template0 ENCODING 'UTF8'");
    }

    static DataSource freshDatabase(String options) throws SQLException {
        String name = "test_" + DATABASES.incrementAndGet();
        try (Connection connection = SERVER.getPostgresDatabase().getConnection();
                Statement statement = connection.createStatement()) {
            statement.execute("CREATE DATABASE " + name + " " + options);
        }
        return SERVER.getDatabase("postgres", name);
    }

    /** The same database, seen through another search path. */
    static DataSource withSearchPath(DataSource dataSource, String searchPath) throws SQLException {
        PGSimpleDataSource other = new PGSimpleDataSource();
        other.setUrl(dataSource.unwrap(PGSimpleDataSource.class).getUrl());
        other.setUser("postgres");
        other.setCurrentSchema(searchPath);
        return other;
    }

    /** The same database as another role; the server trusts local connections. */
    static DataSource asUser(DataSource dataSource, String user) throws SQLException {
        PGSimpleDataSource other = new PGSimpleDataSource();
        other.setUrl(dataSource.unwrap(PGSimpleDataSource.class).getUrl());
        other.setUser(user);
        return other;
    }

    static int port() {
        return SERVER.getPort();
    }

    private static EmbeddedPostgres start() {
        try {
            return EmbeddedPostgres.builder().setServerConfig("fsync", "off").start();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
