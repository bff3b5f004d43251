package io.toolgate.store.jdbc;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.zaxxer.hikari.HikariDataSource;
import com.zaxxer.hikari.HikariPoolMXBean;
import io.toolgate.store.StoreException;
import io.toolgate.store.contract.Rule;
import io.toolgate.store.jdbc.TestPostgres.TestDatabase;
import io.toolgate.store.jdbc.internal.error.PostgresCause;
import io.toolgate.store.jdbc.internal.error.SqlErrorKind;
import java.io.IOException;
import java.lang.reflect.Method;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.time.Duration;
import java.util.TimeZone;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Consumer;
import java.util.stream.Stream;
import javax.sql.DataSource;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.postgresql.PGStatement;
import org.postgresql.ds.PGSimpleDataSource;

/** The causes of the table, provoked: on the real server, by a proxy before it, or by an error in a driver's place. */
@Timeout(30)
class PostgresCausesTest {
    private TestDatabase database;

    @AfterEach
    void drop() {
        if (database != null) {
            database.drop();
            TestPostgres.admin().run("DROP ROLE IF EXISTS limited");
        }
    }

    private static void assertTold(Throwable thrown, PostgresCause cause, boolean opening) {
        assertThat(thrown.getMessage()).contains(cause.happened()).contains(cause.remedy());
        Class<?> type = StoreException.Unavailable.class;
        if (opening) {
            type = cause.opening() == PostgresCause.Opening.MISCONFIGURED
                    ? StoreException.Misconfigured.class
                    : StoreException.Unavailable.class;
        } else if (cause.kind() == SqlErrorKind.MISCONFIGURED) {
            type = StoreException.Misconfigured.class;
        }
        assertThat(thrown).isInstanceOf(type);
    }

    private static Arguments opening(PostgresCause cause, Consumer<TestDatabase> prepare, String parameters) {
        return Arguments.of(cause, prepare, parameters);
    }

    static Stream<Arguments> openings() {
        Consumer<TestDatabase> nothing = database -> {};
        Consumer<TestDatabase> limited = database -> database.run("CREATE ROLE limited LOGIN");
        return Stream.of(
                opening(PostgresCause.SETTING, nothing, "&options=-c%20nonsense=1"),
                opening(PostgresCause.SETTING, nothing, "&options=-c%20statement_timeout=never"),
                opening(PostgresCause.LOGIN, nothing, "&user=nobody"),
                opening(
                        PostgresCause.NO_DATABASE_PRIVILEGE,
                        database -> {
                            limited.accept(database);
                            database.run("REVOKE CONNECT ON DATABASE " + database.name() + " FROM PUBLIC");
                        },
                        "&user=limited"),
                opening(PostgresCause.PRIVILEGE, limited, "&user=limited"),
                opening(
                        PostgresCause.TOO_MANY_CONNECTIONS,
                        database -> database.run("CREATE ROLE limited LOGIN CONNECTION LIMIT 0"),
                        "&user=limited"),
                opening(PostgresCause.TLS, nothing, "&sslmode=require"));
    }

    @ParameterizedTest
    @MethodSource("openings")
    @Rule(12)
    void anOpeningSaysWhyItFailed(PostgresCause cause, Consumer<TestDatabase> prepare, String parameters) {
        database = TestPostgres.migrated();
        prepare.accept(database);
        // The last of two parameters of one name counts.
        String url = database.url();
        for (String name : new String[] {"user", "sslmode"}) {
            url = parameters.contains("&" + name + "=") ? url.replaceAll(name + "=\\w+&?", "") : url;
        }
        String complete = url + parameters;
        assertThatThrownBy(() -> JdbcIdempotencyStore.open(complete)).satisfies(e -> assertTold(e, cause, true));
    }

    private static Arguments migration(PostgresCause cause, String words, String... prepare) {
        return Arguments.of(cause, words, prepare);
    }

    /** What keeps a migration from creating the tables, and what is said of it beside the cause. */
    static Stream<Arguments> migrations() {
        String inScript = " in script toolgate_1__schema.sql: expected version 1, found none. Each script runs in one"
                + " transaction, so none is half applied. PostgreSQL reports SQLSTATE ";
        return Stream.of(
                migration(PostgresCause.NO_SCHEMA_PRIVILEGE, "42501: ERROR: permission denied for schema public"),
                migration(
                        PostgresCause.RAISED,
                        "P0001: ERROR: no changes today",
                        "CREATE FUNCTION refuse() RETURNS event_trigger LANGUAGE plpgsql"
                                + " AS 'BEGIN RAISE EXCEPTION ''no changes today''; END'",
                        "CREATE EVENT TRIGGER refuse ON ddl_command_start EXECUTE FUNCTION refuse()"),
                migration(
                        PostgresCause.IN_THE_WAY,
                        inScript + "42P07: ERROR: ToolGate: schema \"public\" already holds tables of these names:"
                                + " tg_idempotency_counts, tg_idempotency_journal",
                        "CREATE TABLE tg_idempotency_counts ()",
                        "CREATE VIEW tg_idempotency_journal AS SELECT 1"),
                migration(
                        PostgresCause.IN_THE_WAY,
                        inScript + "42P07: ERROR: relation \"tg_idempotency_expires_at\" already exists",
                        "CREATE SEQUENCE tg_idempotency_expires_at"),
                migration(
                        PostgresCause.IN_THE_WAY,
                        inScript + "42710: ERROR: type \"tg_idempotency_counts\" already exists",
                        "CREATE DOMAIN tg_idempotency_counts AS integer"),
                migration(
                        PostgresCause.IN_THE_WAY,
                        inScript + "42723: ERROR: function \"tg_record_id\" already exists",
                        "CREATE FUNCTION tg_record_id(text, text, text) RETURNS text LANGUAGE sql AS 'SELECT $1'"),
                migration(
                        PostgresCause.IN_THE_WAY,
                        "42P07: ERROR: relation \"tg_schema_history\" already exists",
                        "CREATE VIEW tg_schema_history AS SELECT 1"));
    }

    /** In one line, and at once: Flyway's own words are a block, and it tries to create its history for ten seconds. */
    @ParameterizedTest
    @MethodSource("migrations")
    @Rule(12)
    @Timeout(8)
    void anOpeningThatCannotCreateTheTablesSaysWhy(PostgresCause cause, String words, String... prepare) {
        database = TestPostgres.empty();
        database.run("CREATE ROLE limited LOGIN");
        if (cause != PostgresCause.NO_SCHEMA_PRIVILEGE) {
            database.run("GRANT CREATE ON SCHEMA public TO limited");
        }
        database.run(prepare);
        String url = database.url().replace("user=postgres", "user=limited");
        assertThatThrownBy(() -> JdbcIdempotencyStore.builder(url).migrate(true).open())
                .satisfies(e -> assertTold(e, cause, true))
                .hasMessageStartingWith("Migrating ToolGate's tables in schema \"public\" failed")
                .hasMessageContaining("none is half applied")
                .hasMessageContaining(words)
                .hasMessageNotContaining("\n")
                .hasMessageNotContaining("Flyway");
        assertThat(database.count("SELECT count(*) FROM pg_class WHERE relname = 'tg_idempotency'"))
                .isZero();
    }

    @Test
    @Rule(12)
    void anOpeningThatMayNotSwitchTheJournalSaysWhy() {
        database = TestPostgres.migrated();
        database.run("CREATE ROLE limited LOGIN", "GRANT CREATE ON SCHEMA public TO limited");
        database.run(TestPostgres.runtimeGrants("limited"));
        String url = database.url().replace("user=postgres", "user=limited");
        assertThatThrownBy(() -> JdbcIdempotencyStore.builder(url)
                        .migrate(true)
                        .journal(true)
                        .open())
                .satisfies(e -> assertTold(e, PostgresCause.PRIVILEGE, true));
    }

    static Stream<Arguments> timeouts() {
        return Stream.of(
                Arguments.of(PostgresCause.TIMED_OUT, "statement_timeout"),
                Arguments.of(PostgresCause.LOCKED, "lock_timeout"),
                Arguments.of(PostgresCause.TRANSACTION_TIMEOUT, "transaction_timeout"));
    }

    @ParameterizedTest
    @MethodSource("timeouts")
    @Rule(12)
    void aTimeoutOfTheRoleIsNamed(PostgresCause cause, String timeout) throws SQLException {
        database = TestPostgres.migrated();
        database.run("CREATE ROLE limited LOGIN", "ALTER ROLE limited SET " + timeout + " = '100ms'");
        database.run(TestPostgres.runtimeGrants("limited"));
        PGSimpleDataSource asLimited = database.dataSource();
        asLimited.setUser("limited");
        try (Connection holder = database.dataSource().getConnection();
                var statement = holder.createStatement()) {
            holder.setAutoCommit(false);
            boolean unused = statement.execute("LOCK TABLE tg_store_info");
            assertThatThrownBy(() -> JdbcIdempotencyStore.builder(asLimited).open())
                    .satisfies(e -> assertTold(e, cause, true));
        }
    }

    static Stream<Arguments> refusals() {
        return Stream.of(
                Arguments.of(PostgresCause.OPTIONS_REFUSED, StartupProxy.error("0A000", "options are not supported")),
                Arguments.of(
                        PostgresCause.STARTUP_PARAMETER,
                        StartupProxy.error("08P01", "unsupported startup parameter: options")),
                Arguments.of(PostgresCause.PROXY, StartupProxy.error("08P01", "server login has been failing")),
                Arguments.of(PostgresCause.PASSWORD_MISSING, StartupProxy.passwordRequest()),
                Arguments.of(PostgresCause.NOT_UP, StartupProxy.error("57P03", "the database system is starting up")),
                Arguments.of(PostgresCause.SHUT_DOWN, StartupProxy.error("57P01", "terminating connection")),
                Arguments.of(PostgresCause.DROPPED_DATABASE, StartupProxy.error("57P04", "it was dropped")),
                Arguments.of(PostgresCause.LOGIN, StartupProxy.error("28P01", "password authentication failed")),
                Arguments.of(PostgresCause.TOO_MANY_CONNECTIONS, StartupProxy.error("53300", "sorry, too many")),
                Arguments.of(PostgresCause.RAISED, StartupProxy.error("P0001", "a login trigger said no")));
    }

    @ParameterizedTest
    @MethodSource("refusals")
    @Rule(12)
    void aRefusedConnectionSaysWhy(PostgresCause cause, byte[] answer) throws IOException {
        try (StartupProxy proxy = StartupProxy.refusing(answer)) {
            assertThatThrownBy(() ->
                            JdbcIdempotencyStore.open(TestPostgres.shared().url(proxy.port())))
                    .satisfies(e -> assertTold(e, cause, true));
        }
    }

    @Test
    void aZoneThatTheServerDoesNotKnowIsNamed() {
        TimeZone before = TimeZone.getDefault();
        TimeZone.setDefault(TimeZone.getTimeZone("IST"));
        try {
            assertThatThrownBy(() ->
                            JdbcIdempotencyStore.open(TestPostgres.shared().url()))
                    .isInstanceOf(StoreException.Misconfigured.class)
                    .hasMessageContaining("does not know \"IST\", the time zone of this JVM")
                    .hasMessageContaining("-Duser.timezone=");
        } finally {
            TimeZone.setDefault(before);
        }
    }

    @Test
    void settingsThatAProxySwallowsAreFound() throws IOException {
        try (StartupProxy proxy = new StartupProxy(parameters -> {
            parameters.remove("options");
            return null;
        })) {
            String url = TestPostgres.shared().url(proxy.port());
            assertThatThrownBy(() -> JdbcIdempotencyStore.open(url))
                    .isInstanceOf(StoreException.Misconfigured.class)
                    .hasMessageContaining("did not arrive")
                    .hasMessageContaining("found 0 ms")
                    .hasMessageContaining("transactionPooling(true)");
            JdbcIdempotencyStore.builder(url).transactionPooling(true).open().close();
        }
    }

    @Test
    void theyAreFoundEvenIfTheRoleHasTheSameTimeLimit() throws IOException {
        database = TestPostgres.migrated();
        database.run("ALTER DATABASE " + database.name() + " SET statement_timeout = '5s'");
        try (StartupProxy proxy = new StartupProxy(parameters -> {
            parameters.remove("options");
            return null;
        })) {
            assertThatThrownBy(() -> JdbcIdempotencyStore.open(database.url(proxy.port())))
                    .isInstanceOf(StoreException.Misconfigured.class)
                    .hasMessageContaining("found 5000 ms");
        }
    }

    @Test
    void aDataSourceThatRoutesByThreadIsRefused() {
        database = TestPostgres.migrated();
        TestDatabase other = TestPostgres.migrated();
        ThreadLocal<TestDatabase> tenant = ThreadLocal.withInitial(() -> other);
        tenant.set(database);
        DataSource routing = new PGSimpleDataSource() {
            @Override
            public Connection getConnection() throws SQLException {
                return tenant.get().dataSource().getConnection();
            }
        };
        try {
            assertThatThrownBy(() -> JdbcIdempotencyStore.builder(routing).open())
                    .isInstanceOf(StoreException.Misconfigured.class)
                    .hasMessageContaining("leads threads to different stores")
                    .hasMessageContaining("routes by tenant");
        } finally {
            other.drop();
        }
    }

    @Test
    void aRoleThatHidesWarningsIsRefusedWhereTheyMatter() throws Exception {
        database = TestPostgres.migrated();
        database.run("ALTER DATABASE " + database.name() + " SET client_min_messages = error");
        JdbcIdempotencyStore.builder(database.dataSource()).open().close();
        TestPostgres.admin().run("ALTER SYSTEM SET synchronous_standby_names = 'nobody'", "SELECT pg_reload_conf()");
        try {
            String found = "";
            while (!found.equals("nobody")) {
                found = database.one("SHOW synchronous_standby_names");
            }
            assertThatThrownBy(() ->
                            JdbcIdempotencyStore.builder(database.dataSource()).open())
                    .isInstanceOf(StoreException.Misconfigured.class)
                    .hasMessageContaining("client_min_messages is error")
                    .hasMessageContaining("SET client_min_messages = warning");
            // The store's own sessions ask for them.
            JdbcIdempotencyStore.open(database.url()).close();
        } finally {
            TestPostgres.admin().run("ALTER SYSTEM RESET synchronous_standby_names", "SELECT pg_reload_conf()");
        }
    }

    static Stream<Arguments> changes() {
        return Stream.of(
                Arguments.of(PostgresCause.NO_TABLE, "DROP TABLE tg_idempotency CASCADE"),
                Arguments.of(PostgresCause.OTHER_VERSION, "ALTER TABLE tg_idempotency DROP COLUMN owner CASCADE"),
                Arguments.of(PostgresCause.PRIVILEGE, "REVOKE INSERT ON tg_idempotency FROM limited"),
                Arguments.of(PostgresCause.NO_TABLE, "REVOKE USAGE ON SCHEMA public FROM PUBLIC"));
    }

    @ParameterizedTest
    @MethodSource("changes")
    void aClaimSaysWhatWasTakenFromIt(PostgresCause cause, String change) {
        database = TestPostgres.migrated();
        database.run("CREATE ROLE limited LOGIN");
        database.run(TestPostgres.runtimeGrants("limited"));
        try (JdbcIdempotencyStore store = JdbcIdempotencyStore.builder(
                        database.url().replace("user=postgres", "user=limited"))
                .poolSize(1)
                .pushWakeUps(false)
                .open()) {
            database.run(change);
            assertThatThrownBy(() -> store.claim(TestRequests.hold(TestRequests.freshId())))
                    .satisfies(e -> assertTold(e, cause, false));
        }
    }

    @Test
    void aSessionThatIsSharedByAProxyIsNamed() {
        AtomicBoolean opened = new AtomicBoolean();
        PGSimpleDataSource shared = new PGSimpleDataSource() {
            @Override
            public Connection getConnection() throws SQLException {
                Connection connection = super.getConnection();
                if (!opened.get()) {
                    return connection;
                }
                try (var statement = connection.createStatement()) {
                    // As if another client's driver had been here.
                    statement.unwrap(PGStatement.class).setPrepareThreshold(0);
                    boolean unused = statement.execute("DO $$ BEGIN FOR i IN 1..9 LOOP EXECUTE format("
                            + "'PREPARE \"S_%s\" AS SELECT 1', i); END LOOP; END $$");
                }
                return connection;
            }
        };
        shared.setUrl(TestPostgres.shared().url());
        shared.setPrepareThreshold(1);
        try (JdbcIdempotencyStore store = JdbcIdempotencyStore.builder(shared).open()) {
            opened.set(true);
            assertThatThrownBy(() -> store.claim(TestRequests.hold(TestRequests.freshId())))
                    .hasMessageContaining("42P05")
                    .satisfies(e -> assertTold(e, PostgresCause.OTHER_SESSION, false));
        }
    }

    /** A store whose statements fail as {@code failing} says. */
    private static JdbcIdempotencyStore failing(AtomicReference<SQLException> failing) {
        InterceptedDataSource failures = new InterceptedDataSource() {
            @Override
            Object call(Object inner, Method method, Object[] arguments) throws Throwable {
                SQLException e = failing.get();
                if (e != null
                        && inner instanceof PreparedStatement
                        && method.getName().startsWith("execute")) {
                    throw e;
                }
                return invoke(inner, method, arguments);
            }
        };
        return JdbcIdempotencyStore.builder(TestPostgres.shared().url())
                .poolSize(1)
                .pushWakeUps(false)
                .groupCommit(false)
                .wrapper(failures::wrap)
                .budget(Duration.ofMillis(20))
                .open();
    }

    @Test
    @Rule(12)
    void aClaimTellsEveryCauseOfTheTable() {
        AtomicReference<SQLException> error = new AtomicReference<>();
        try (JdbcIdempotencyStore store = failing(error)) {
            for (PostgresCause cause : PostgresCause.values()) {
                SQLException sample = Samples.of(cause);
                error.set(sample);
                Throwable thrown = null;
                try {
                    var unused = store.claim(TestRequests.hold(TestRequests.freshId()));
                } catch (StoreException e) {
                    thrown = e;
                }
                assertThat(thrown)
                        .as(cause.name())
                        .isInstanceOf(
                                switch (cause.kind()) {
                                    case ABORTED, NO_ROOM, UNCERTAIN -> StoreException.Unavailable.class;
                                    case REFUSED -> StoreException.Refused.class;
                                    case MISCONFIGURED -> StoreException.Misconfigured.class;
                                    case DAMAGED -> StoreException.Corrupt.class;
                                })
                        .hasMessageContaining(cause.remedy());
                if (sample.getSQLState() != null) {
                    assertThat(thrown).hasMessageContaining(sample.getSQLState());
                }
                assertThat(thrown.getMessage().contains("It is unknown"))
                        .as(cause.name())
                        .isEqualTo(cause.kind() == SqlErrorKind.UNCERTAIN);
            }
        }
    }

    @ParameterizedTest
    @EnumSource
    @Rule(12)
    void anOpeningTellsEveryCauseOfTheTable(PostgresCause cause) {
        DataSource broken = new PGSimpleDataSource() {
            @Override
            public Connection getConnection() throws SQLException {
                throw Samples.of(cause);
            }
        };
        assertThatThrownBy(() -> JdbcIdempotencyStore.builder(broken).open())
                .satisfies(e -> assertTold(e, cause, true));
    }

    @Test
    void whatAPoolWrapsIsTold() throws IOException, InterruptedException {
        AtomicBoolean refused = new AtomicBoolean();
        AtomicReference<HikariPoolMXBean> pool = new AtomicReference<>();
        try (StartupProxy proxy = new StartupProxy(parameters ->
                        refused.get() ? StartupProxy.error("28P01", "password authentication failed") : null);
                JdbcIdempotencyStore store = JdbcIdempotencyStore.builder(
                                TestPostgres.shared().url(proxy.port()))
                        .poolSize(1)
                        .pushWakeUps(false)
                        .budget(Duration.ofMillis(20))
                        .wrapper(connections -> {
                            pool.set(((HikariDataSource) connections).getHikariPoolMXBean());
                            return connections;
                        })
                        .open()) {
            // The pool, which fills itself, is full; then the password is changed, and the connection ends.
            Awaitility.await().until(() -> pool.get().getIdleConnections() > 0);
            refused.set(true);
            pool.get().softEvictConnections();
            assertThatThrownBy(() -> store.claim(TestRequests.hold(TestRequests.freshId())))
                    .isInstanceOf(StoreException.Unavailable.class)
                    .hasMessageContaining("It did not take effect")
                    .hasMessageContaining("password authentication failed")
                    .hasMessageContaining(PostgresCause.LOGIN.remedy());
        }
    }
}
