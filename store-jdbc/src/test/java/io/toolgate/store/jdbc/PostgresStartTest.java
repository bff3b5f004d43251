package io.toolgate.store.jdbc;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.toolgate.TestLog;
import io.toolgate.store.StoreException;
import io.toolgate.store.contract.Rule;
import io.toolgate.store.jdbc.JdbcIdempotencyStore.Builder;
import io.toolgate.store.jdbc.TestPostgres.TestDatabase;
import io.toolgate.store.jdbc.internal.open.PostgresOpener;
import io.toolgate.store.jdbc.internal.open.StoreSettings;
import io.toolgate.store.jdbc.internal.open.StoreUrl;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.time.Duration;
import java.util.List;
import java.util.function.Consumer;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;
import org.flywaydb.core.Flyway;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.postgresql.ds.PGSimpleDataSource;

/** Which servers, databases and roles are refused when a store is opened, and in what words. */
@Timeout(20)
class PostgresStartTest {
    private TestDatabase database;

    @AfterEach
    void drop() {
        if (database != null) {
            database.drop();
            TestPostgres.admin().run("DROP ROLE IF EXISTS limited");
        }
    }

    private static Arguments refusal(
            String name, Consumer<TestDatabase> prepare, UnaryOperator<Builder> build, String... says) {
        return Arguments.of(name, prepare, build, says);
    }

    static Stream<Arguments> refusals() {
        Consumer<TestDatabase> nothing = database -> {};
        UnaryOperator<Builder> asIs = builder -> builder;
        UnaryOperator<Builder> limited = builder -> builder.user("limited").password("right");
        return Stream.of(
                refusal(
                        "a wrong password",
                        database -> database.run("CREATE ROLE limited LOGIN PASSWORD 'right'"),
                        builder -> builder.user("nobody-there").password("hunter2"),
                        "did not accept the user or the password",
                        "pg_hba.conf"),
                refusal(
                        "no schema",
                        database -> database.run("DROP TABLE tg_idempotency, tg_store_info"),
                        asIs,
                        "tg_idempotency and tg_store_info are missing",
                        "as role \"postgres\" sees it",
                        "migrate(true)",
                        "SQL bundle",
                        "search path"),
                refusal(
                        "half a schema",
                        database -> database.run("DROP TABLE tg_idempotency"),
                        asIs,
                        "tg_store_info but not tg_idempotency"),
                refusal(
                        "a newer schema",
                        database -> database.run("UPDATE tg_store_info SET schema_version = 3"),
                        asIs,
                        "has version 3",
                        "versions up to 1 and works with the one after",
                        "Use the library that upgraded it"),
                refusal(
                        "a read-only database",
                        database -> database.run(
                                "ALTER DATABASE " + database.name() + " SET default_transaction_read_only = on"),
                        asIs,
                        "read-only",
                        "default_transaction_read_only off"),
                refusal(
                        "a role that may not even look",
                        database -> database.run("CREATE ROLE limited LOGIN"),
                        limited,
                        "lacks a privilege",
                        "SELECT on tg_store_info"),
                refusal(
                        "a role that may not write",
                        database -> database.run(
                                "CREATE ROLE limited LOGIN",
                                "GRANT SELECT ON tg_idempotency, tg_store_info TO limited"),
                        limited,
                        "Role \"limited\" lacks INSERT and UPDATE on tg_idempotency",
                        "grants.sql"),
                refusal(
                        "a role that has only what records take",
                        database -> database.run(
                                "CREATE ROLE limited LOGIN",
                                "GRANT SELECT, INSERT, UPDATE ON tg_idempotency, tg_store_info TO limited",
                                "GRANT SELECT, INSERT ON tg_idempotency_counts TO limited"),
                        limited,
                        "Role \"limited\" lacks SELECT and INSERT and UPDATE on tg_idempotency_checkpoint,"
                                + " UPDATE on tg_idempotency_counts, SELECT and INSERT on tg_idempotency_history,"
                                + " SELECT on tg_idempotency_journal",
                        "grants.sql"),
                refusal(
                        "a purger who has only what records take",
                        database -> database.run(
                                "CREATE ROLE limited LOGIN",
                                "GRANT SELECT, DELETE ON tg_idempotency, tg_store_info TO limited"),
                        builder -> limited.apply(builder).purgeOnly(true),
                        "lacks SELECT and DELETE on tg_idempotency_checkpoint, SELECT and DELETE on"
                                + " tg_idempotency_history"),
                refusal(
                        "a journal that is off",
                        nothing,
                        builder -> builder.journal(true),
                        "journal(true)",
                        "is off",
                        "journal_on.sql"),
                refusal(
                        "a purger who may not delete",
                        database -> database.run(
                                "CREATE ROLE limited LOGIN",
                                "GRANT SELECT ON tg_idempotency, tg_store_info TO limited"),
                        builder -> limited.apply(builder).purgeOnly(true),
                        "Role \"limited\" lacks DELETE on tg_idempotency"),
                refusal(
                        "a schema that the role cannot see",
                        database ->
                                database.run("CREATE ROLE limited LOGIN", "REVOKE USAGE ON SCHEMA public FROM PUBLIC"),
                        limited,
                        "Role \"limited\" may not use schema public",
                        "GRANT USAGE ON SCHEMA public"),
                refusal(
                        "tables in a schema that is not on the search path",
                        database -> database.run(
                                "CREATE SCHEMA apart",
                                "ALTER TABLE tg_idempotency SET SCHEMA apart",
                                "ALTER TABLE tg_store_info SET SCHEMA apart"),
                        asIs,
                        "missing on the search path of role \"postgres\"",
                        "are in schema apart",
                        "currentSchema"),
                refusal(
                        "a role that may not migrate",
                        database ->
                                database.run("CREATE ROLE limited LOGIN", "DROP TABLE tg_idempotency, tg_store_info"),
                        builder -> limited.apply(builder).migrate(true),
                        "Migrating ToolGate's tables in schema \"public\" failed",
                        "permission denied for table tg_schema_history",
                        "jdbc:postgresql://localhost:",
                        "be the owner of the tables"),
                refusal("nothing wrong", nothing, builder -> builder.purgeOnly(true), ""));
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("refusals")
    void isRefusedWithARemedyInOneSentence(
            String name, Consumer<TestDatabase> prepare, UnaryOperator<Builder> build, String[] says) {
        database = TestPostgres.migrated();
        prepare.accept(database);
        Builder builder = build.apply(JdbcIdempotencyStore.builder(database.url() + "&password=hunter2"));
        if (says[0].isEmpty()) {
            builder.open().close();
            return;
        }
        assertThatThrownBy(builder::open)
                .isInstanceOf(StoreException.Misconfigured.class)
                .hasMessageNotContaining("hunter2")
                .satisfies(e -> assertThat(e.getMessage()).contains(says));
    }

    @Test
    void aMissingDatabaseIsNamed() {
        String url = "jdbc:postgresql://localhost:" + TestPostgres.port() + "/no_such_db?user=postgres";
        assertThatThrownBy(() -> JdbcIdempotencyStore.open(url))
                .isInstanceOf(StoreException.Misconfigured.class)
                .hasMessageContaining("no such database")
                .hasMessageContaining("no_such_db");
    }

    @Test
    void aDatabaseOfAnotherEncodingIsRefused() {
        database = TestPostgres.create("TEMPLATE template0 ENCODING 'SQL_ASCII' LOCALE 'C'");
        assertThatThrownBy(() -> JdbcIdempotencyStore.builder(database.url())
                        .migrate(true)
                        .open())
                .isInstanceOf(StoreException.Misconfigured.class)
                .hasMessageContaining("encoding UTF8")
                .hasMessageContaining("SQL_ASCII");
        assertThat(database.one("SELECT count(*) FROM pg_tables WHERE tablename LIKE 'tg%'"))
                .isEqualTo("0");
    }

    @Test
    @Rule(12)
    void anAddressWithoutAServerIsAnOutage() throws IOException {
        int free;
        try (ServerSocket socket = new ServerSocket(0)) {
            free = socket.getLocalPort();
        }
        assertThatThrownBy(() -> JdbcIdempotencyStore.open("jdbc:postgresql://localhost:" + free + "/x"))
                .isInstanceOf(StoreException.Unavailable.class)
                .hasMessageContaining("could not be reached")
                .hasMessageContaining("Connection refused");
        assertThatThrownBy(() -> JdbcIdempotencyStore.open("jdbc:postgresql://no-such-host.invalid/x"))
                .isInstanceOf(StoreException.Unavailable.class)
                .hasMessageContaining("could not be reached");
    }

    @Test
    @Rule(8)
    void aServerThatNeverAnswersTimesOut() throws IOException {
        try (ServerSocket silent = new ServerSocket(0, 10, InetAddress.getLoopbackAddress())) {
            String url = "jdbc:postgresql://localhost:" + silent.getLocalPort() + "/x?loginTimeout=1";
            long start = System.nanoTime();
            assertThatThrownBy(() -> JdbcIdempotencyStore.open(url))
                    .isInstanceOf(StoreException.Unavailable.class)
                    .hasMessageContaining("could not be reached");
            assertThat(Duration.ofNanos(System.nanoTime() - start)).isLessThan(Duration.ofSeconds(10));
        }
    }

    @Test
    void migrateCreatesTheSchemaAndWithoutItNothingIsWritten() {
        database = TestPostgres.empty();
        assertThatThrownBy(() -> JdbcIdempotencyStore.open(database.url()))
                .isInstanceOf(StoreException.Misconfigured.class);
        assertThat(database.one("SELECT count(*) FROM pg_tables WHERE tablename LIKE 'tg%'"))
                .isEqualTo("0");
        try (JdbcIdempotencyStore store =
                JdbcIdempotencyStore.builder(database.url()).migrate(true).open()) {
            assertThat(TestRequests.acquired(store, TestRequests.hold(TestRequests.freshId()))
                            .fence())
                    .isEqualTo(1);
        }
        JdbcIdempotencyStore.open(database.url()).close();
    }

    @Test
    void theStoresSettingsReachTheServerAndTheUrlsAreKept() {
        database = TestPostgres.migrated();
        String url = database.url() + "&options=-c%20work_mem=5MB&ApplicationName=mine";
        try (JdbcIdempotencyStore store = JdbcIdempotencyStore.builder(url)
                .statementTimeout(Duration.ofMillis(2500))
                .poolSize(1)
                .open()) {
            assertThat(store.peek(TestRequests.freshId())).isEmpty();
            // The one connection of the pool, as the server sees it.
            assertThat(database.one("SELECT count(*) FROM pg_stat_activity WHERE application_name = 'mine'"))
                    .isEqualTo("1");
        }
        PGSimpleDataSource direct =
                new PostgresOpener(settings(Duration.ofMillis(2500), false)).driver(StoreUrl.parse(url), true);
        assertThat(direct.getOptions())
                .isEqualTo("-c work_mem=5MB -c statement_timeout=2500 -c client_min_messages=warning"
                        + " -c toolgate.options=sent");
        assertThat(direct.getSocketTimeout()).as("longer than the server's").isEqualTo(6);
        assertThat(direct.getLogServerErrorDetail()).isFalse();
        PGSimpleDataSource pooled =
                new PostgresOpener(settings(Duration.ofSeconds(5), true)).driver(StoreUrl.parse(database.url()), true);
        assertThat(pooled.getOptions()).as("behind a pooling proxy").isNull();
        assertThat(pooled.getPrepareThreshold()).isZero();
    }

    private static StoreSettings settings(Duration timeout, boolean pooling) {
        return new StoreSettings(
                null, null, null, null, 0, timeout, pooling, false, null, null, UnaryOperator.identity(), null);
    }

    @Test
    void readCommittedIsSetWhateverTheDatabasesDefault() throws Exception {
        database = TestPostgres.migrated();
        database.run("ALTER DATABASE " + database.name() + " SET default_transaction_isolation = 'serializable'");
        var opened = new PostgresOpener(settings(Duration.ofSeconds(5), false)).open(StoreUrl.parse(database.url()));
        try (var connection = opened.writer().getConnection();
                var statement = connection.createStatement();
                var row = statement.executeQuery("SELECT current_setting('transaction_isolation')")) {
            row.next();
            assertThat(row.getString(1)).isEqualTo("read committed");
        } finally {
            opened.close();
        }
    }

    @Test
    @Rule(14)
    void aConnectionThatAFailoverLeftOnAStandbyIsReplaced() throws Exception {
        database = TestPostgres.migrated();
        var pools = new java.util.ArrayList<javax.sql.DataSource>();
        try (JdbcIdempotencyStore store = JdbcIdempotencyStore.builder(database.url())
                .poolSize(1)
                .wrapper(pool -> {
                    pools.add(pool);
                    return pool;
                })
                .open()) {
            // As good as a standby: the one connection of the pool takes no writes any more.
            try (var connection = pools.get(0).getConnection();
                    var statement = connection.createStatement()) {
                boolean unused = statement.execute("SET SESSION CHARACTERISTICS AS TRANSACTION READ ONLY");
            }
            assertThat(TestRequests.acquired(store, TestRequests.hold(TestRequests.freshId()))
                            .fence())
                    .isEqualTo(1);
        }
    }

    @Test
    @Rule(1)
    void aConnectionThatMayBeTheCallersOpenTransactionIsRefused() {
        database = TestPostgres.migrated();
        PGSimpleDataSource transactional = new PGSimpleDataSource() {
            @Override
            public java.sql.Connection getConnection() throws java.sql.SQLException {
                var connection = super.getConnection();
                connection.setAutoCommit(false);
                return connection;
            }
        };
        transactional.setUrl(database.url());
        assertThatThrownBy(() -> JdbcIdempotencyStore.builder(transactional).open())
                .isInstanceOf(StoreException.Misconfigured.class)
                .hasMessageContaining("autocommit off");
        assertThat(database.count("SELECT count(*) FROM pg_stat_activity WHERE datname = '" + database.name()
                        + "' AND state LIKE 'idle in transaction%'"))
                .isZero();
    }

    @Test
    @Rule(1)
    void aTransactionalConnectionIsRefusedAtEveryBorrow() {
        database = TestPostgres.migrated();
        boolean[] inTransaction = {false};
        PGSimpleDataSource sometimes = new PGSimpleDataSource() {
            @Override
            public java.sql.Connection getConnection() throws java.sql.SQLException {
                var connection = super.getConnection();
                connection.setAutoCommit(!inTransaction[0]);
                return connection;
            }
        };
        sometimes.setUrl(database.url());
        try (JdbcIdempotencyStore store =
                JdbcIdempotencyStore.builder(sometimes).open()) {
            inTransaction[0] = true;
            assertThatThrownBy(() -> store.claim(TestRequests.hold(TestRequests.freshId())))
                    .isInstanceOf(StoreException.Misconfigured.class)
                    .hasMessageContaining("autocommit off");
        }
        assertThat(database.one("SELECT count(*) FROM tg_idempotency")).isEqualTo("0");
    }

    @Test
    void aStoreOnADataSourceLeavesItOpen() throws Exception {
        database = TestPostgres.migrated();
        PGSimpleDataSource given = database.dataSource();
        JdbcIdempotencyStore store = JdbcIdempotencyStore.builder(given).open();
        assertThat(TestRequests.acquired(store, TestRequests.hold(TestRequests.freshId()))
                        .fence())
                .isEqualTo(1);
        store.close();
        store.close();
        given.getConnection().close();
        assertThatThrownBy(() -> store.claim(TestRequests.hold(TestRequests.freshId())))
                .isInstanceOf(StoreException.Closed.class);
        assertThatThrownBy(() -> store.subscribe(id -> {})).isInstanceOf(StoreException.Closed.class);
    }

    @Test
    void aSqliteDataSourceIsRefusedWithTheUrlToUse() {
        org.sqlite.SQLiteDataSource sqlite = new org.sqlite.SQLiteDataSource();
        sqlite.setUrl("jdbc:sqlite::memory:");
        assertThatThrownBy(() -> JdbcIdempotencyStore.builder(sqlite).open())
                .isInstanceOf(StoreException.Misconfigured.class)
                .hasMessageContaining("jdbc:sqlite:<path>");
    }

    /** The timeout is the application's choice, and the store has one of its own wherever it makes the connections. */
    @Test
    void aRoleWithoutATimeoutOpensTheStoreWithoutAWord() {
        database = TestPostgres.migrated();
        assertThat(TestLog.of(() -> JdbcIdempotencyStore.open(database.url()).close()))
                .isEmpty();
        assertThat(TestLog.of(() -> JdbcIdempotencyStore.builder(database.dataSource())
                        .open()
                        .close()))
                .isEmpty();
    }

    @Test
    void behindAProxyItIsToldToHaveOneAndIsSilentThen() {
        database = TestPostgres.migrated();
        Runnable opening = () -> JdbcIdempotencyStore.builder(database.url())
                .transactionPooling(true)
                .open()
                .close();
        assertThat(TestLog.of(opening))
                .contains("ALTER ROLE ... SET statement_timeout = '", "give the store one of its own");
        database.run("ALTER DATABASE " + database.name() + " SET statement_timeout = '7s'");
        assertThat(TestLog.of(opening)).isEmpty();
    }

    /** New and current, and with the journal to switch: what is logged at INFO or above has a remedy. */
    @Test
    void aStoreThatHasNothingToComplainOfIsOpenedWithoutAWord() {
        database = TestPostgres.empty();
        Builder builder = JdbcIdempotencyStore.builder(database.url()).migrate(true);
        assertThat(words(() -> builder.open().close())).as("new").isEmpty();
        assertThat(words(() -> builder.open().close())).as("current").isEmpty();
        assertThat(words(() -> builder.journal(true).open().close()))
                .as("journal")
                .isEmpty();
    }

    /** How Flyway logs is one setting of the JVM. */
    @Test
    void anApplicationsFlywayLogsAsBefore() {
        database = TestPostgres.empty();
        Flyway application =
                Flyway.configure().dataSource(database.dataSource()).load();
        JdbcIdempotencyStore.builder(database.url()).migrate(true).open().close();
        assertThat(words(() -> {
                    var unused = application.info();
                }))
                .anyMatch(line -> line.contains("INFO org.flywaydb"));
    }

    /** But for HikariCP, which tells of each pool that it starts and ends, and cannot be told not to. */
    private static List<String> words(Runnable opening) {
        return TestLog.atInfo(opening)
                .lines()
                .filter(line -> !line.contains(" INFO com.zaxxer.hikari.HikariDataSource - toolgate - "))
                .toList();
    }
}
