package io.toolgate.store.jdbc;

import com.zaxxer.hikari.HikariConfig;
import com.zaxxer.hikari.HikariDataSource;
import io.toolgate.migrations.ToolGateMigrations;
import io.zonky.test.db.postgres.embedded.EmbeddedPostgres;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.sql.SQLException;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import javax.sql.DataSource;
import org.postgresql.ds.PGSimpleDataSource;

/** One real PostgreSQL server for the test run, with fsync on. Databases are made from a migrated template. */
public final class TestPostgres {
    /**
     * What empties ToolGate's tables, but for what the installation wrote. No TRUNCATE, which makes new files for every
     * table and index.
     */
    public static final String CLEARING = "DELETE FROM tg_idempotency_checkpoint; DELETE FROM tg_idempotency_history;"
            + " DELETE FROM tg_idempotency; DELETE FROM tg_idempotency_counts; DELETE FROM tg_idempotency_journal";

    private static final AtomicInteger DATABASES = new AtomicInteger();
    private static final Map<String, HikariDataSource> POOLS = new ConcurrentHashMap<>();
    private static final EmbeddedPostgres SERVER = start();
    private static final String TEMPLATE = template();
    private static final TestDatabase SHARED = create("TEMPLATE " + TEMPLATE);

    private TestPostgres() {}

    /** A database with an empty schema of ToolGate's. */
    public static TestDatabase migrated() {
        return create("TEMPLATE " + TEMPLATE);
    }

    /** A migrated database that tests share which leave nothing behind that matters. */
    public static TestDatabase shared() {
        return SHARED;
    }

    /** A database with nothing in it. */
    public static TestDatabase empty() {
        return create("TEMPLATE template0 ENCODING 'UTF8'");
    }

    public static TestDatabase create(String options) {
        String name = "test_" + DATABASES.incrementAndGet();
        admin().run("CREATE DATABASE " + name + " " + options);
        return new TestDatabase(name);
    }

    /** Empties ToolGate's tables, but for what the installation wrote. */
    public static void clear(TestDatabase database) {
        database.run(CLEARING);
    }

    /** Connections to {@code database}, kept until it is dropped: to open one takes longer than most statements. */
    public static DataSource pooled(TestDatabase database) {
        return POOLS.computeIfAbsent(database.name(), name -> {
            HikariConfig config = new HikariConfig();
            config.setDataSource(database.dataSource());
            config.setMinimumIdle(1);
            config.setMaximumPoolSize(4);
            return new HikariDataSource(config);
        });
    }

    /** Statements that give a role what grants.sql of the bundle gives a runtime. */
    public static String[] runtimeGrants(String role) {
        return new String[] {
            "GRANT SELECT, INSERT, UPDATE ON tg_idempotency, tg_idempotency_checkpoint, tg_idempotency_counts TO "
                    + role,
            "GRANT SELECT, INSERT ON tg_idempotency_history TO " + role,
            "GRANT SELECT ON tg_idempotency_journal, tg_store_info TO " + role
        };
    }

    /** Moves every time in every row, without a journal noticing. */
    public static void shift(TestDatabase database, String by) {
        database.run(Backend.shifts(by));
    }

    /** The database of the administrator. */
    public static TestDatabase admin() {
        return new TestDatabase("postgres");
    }

    public static int port() {
        return SERVER.getPort();
    }

    private static EmbeddedPostgres start() {
        try {
            return EmbeddedPostgres.builder()
                    .setServerConfig("fsync", "on")
                    .setServerConfig("max_connections", "200")
                    .start();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static String template() {
        TestDatabase database = create("TEMPLATE template0 ENCODING 'UTF8'");
        var unused = ToolGateMigrations.migrate(database.dataSource());
        return database.name();
    }

    /** A database of the test server, looked at as its administrator. */
    public record TestDatabase(String name) {
        /** Its URL for a store, user included. */
        public String url() {
            return url(port());
        }

        /** Its URL through a proxy. */
        public String url(int port) {
            return "jdbc:postgresql://localhost:" + port + "/" + name
                    + "?user=postgres&sslmode=disable&gssEncMode=disable";
        }

        public PGSimpleDataSource dataSource() {
            PGSimpleDataSource dataSource = new PGSimpleDataSource();
            dataSource.setUrl(url());
            return dataSource;
        }

        public void run(String... statements) {
            TestSql.run(dataSource(), statements);
        }

        /** The first column of the first row. */
        public String one(String query) {
            try (var connection = dataSource().getConnection();
                    var statement = connection.createStatement();
                    var row = statement.executeQuery(query)) {
                row.next();
                return row.getString(1);
            } catch (SQLException e) {
                throw new AssertionError(e);
            }
        }

        public long count(String query) {
            return Long.parseLong(one(query));
        }

        public void drop() {
            closePool();
            admin().run("DROP DATABASE IF EXISTS " + name + " WITH (FORCE)");
        }

        /** Ends its use and leaves its files to the server's end: a drop waits for a checkpoint, most of a second. */
        public void abandon() {
            closePool();
            admin().run("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '" + name + "'");
        }

        private void closePool() {
            HikariDataSource pool = POOLS.remove(name);
            if (pool != null) {
                pool.close();
            }
        }
    }
}
