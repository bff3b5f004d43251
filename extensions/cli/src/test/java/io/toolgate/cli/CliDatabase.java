package io.toolgate.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.toolgate.Failure;
import io.toolgate.cli.base.Environment;
import io.toolgate.store.ClaimOutcome;
import io.toolgate.store.ClaimRequest;
import io.toolgate.store.ClaimRequest.OnUnknown;
import io.toolgate.store.ClaimToken;
import io.toolgate.store.InputFingerprint;
import io.toolgate.store.Lease;
import io.toolgate.store.Payload;
import io.toolgate.store.RecordId;
import io.toolgate.store.jdbc.Backend;
import io.toolgate.store.jdbc.JdbcIdempotencyStore;
import io.toolgate.store.jdbc.StoreAccess;
import io.toolgate.store.jdbc.TestPostgres;
import io.toolgate.store.jdbc.TestPostgres.TestDatabase;
import io.toolgate.store.jdbc.TestSql;
import io.toolgate.store.jdbc.TestSqlite;
import io.toolgate.support.Terminal;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import javax.sql.DataSource;
import org.jspecify.annotations.Nullable;
import org.sqlite.SQLiteDataSource;

/** A database of either kind with an empty store in it, and the command line pointed at it. */
final class CliDatabase implements AutoCloseable {
    static final Duration LEASE = Duration.ofSeconds(30);
    private static final Duration RETENTION = Duration.ofHours(1);
    private static final SecureRandom RANDOM = new SecureRandom();

    enum Kind {
        POSTGRESQL,
        SQLITE
    }

    private final Kind kind;
    private final Path directory;
    private final @Nullable TestDatabase postgres;
    private final Map<String, String> variables = new HashMap<>();
    private @Nullable Terminal terminal;
    private Duration progressDelay = Duration.ofSeconds(2);

    /** An empty store, on SQLite in {@code directory}. */
    CliDatabase(Kind kind, Path directory) {
        this.kind = kind;
        this.directory = directory;
        this.postgres = kind == Kind.POSTGRESQL ? TestPostgres.migrated() : null;
        if (kind == Kind.SQLITE) {
            String unused = TestSqlite.installed(directory.resolve("store.db"));
        }
    }

    Kind kind() {
        return kind;
    }

    Path directory() {
        return directory;
    }

    String url() {
        return postgres == null ? "jdbc:sqlite:" + directory.resolve("store.db") : postgres.url();
    }

    JdbcIdempotencyStore open() {
        return JdbcIdempotencyStore.builder(url()).migrate(false).poolSize(2).open();
    }

    /** Provides a terminal at which every question is answered with {@code answer}. */
    void answering(@Nullable String answer) {
        terminal = new Terminal() {
            @Override
            public @Nullable String ask(String question) {
                return answer;
            }

            @Override
            public @Nullable String askSecret(String question) {
                return answer;
            }
        };
    }

    void progressDelay(Duration delay) {
        progressDelay = delay;
    }

    Map<String, String> variables() {
        return variables;
    }

    /** Runs a command with this database as its --url. */
    CliResult cli(String... args) {
        return plain(
                Stream.concat(Arrays.stream(args), Stream.of("--url", url())).toArray(String[]::new));
    }

    /** Runs a command as it stands. */
    CliResult plain(String... args) {
        StringWriter out = new StringWriter();
        StringWriter err = new StringWriter();
        Environment environment = new Environment(
                new PrintWriter(out),
                new PrintWriter(err, true),
                variables,
                directory,
                "on-call",
                terminal,
                progressDelay);
        int status = ToolGateMain.run(environment, args);
        return new CliResult(status, out.toString(), err.toString());
    }

    private DataSource dataSource() {
        if (postgres != null) {
            return postgres.dataSource();
        }
        SQLiteDataSource dataSource = new SQLiteDataSource();
        dataSource.setUrl(url());
        return dataSource;
    }

    /** Runs statements on one connection. */
    void run(String... statements) {
        TestSql.run(dataSource(), statements);
    }

    /** Runs statements on one connection on which the schema's checks of rows are out of the way. */
    void runUnchecked(String... statements) {
        List<String> all = new ArrayList<>();
        if (kind == Kind.SQLITE) {
            all.add("PRAGMA ignore_check_constraints = ON");
        } else {
            all.add("ALTER TABLE tg_idempotency DROP CONSTRAINT IF EXISTS tg_idempotency_status_columns");
        }
        all.addAll(List.of(statements));
        run(all.toArray(String[]::new));
    }

    /** Sets a setting for new connections to a PostgreSQL database; SQLite has none. */
    void setting(String name, String value) {
        if (postgres != null) {
            run("ALTER DATABASE " + postgres.name() + " SET " + name + " = " + value);
        }
    }

    /** The rows of a query, their columns joined by a bar. */
    List<String> rows(String query) {
        return TestSql.rows(dataSource(), query);
    }

    /** Everything that a command might change. */
    List<String> contents() {
        List<String> contents = new ArrayList<>();
        for (String table : List.of("", "_checkpoint", "_history", "_journal", "_counts")) {
            contents.addAll(rows("SELECT * FROM tg_idempotency" + table + " ORDER BY 1, 2"));
        }
        return contents;
    }

    /** Moves every time in every row back, so that {@code step} seems to have passed. No journal is written of it. */
    void advance(Duration step) {
        run(Backend.shifts(
                kind == Kind.SQLITE ? "- " + step.toMillis() : "- INTERVAL '" + step.toMillis() + " milliseconds'"));
    }

    /** The store's time some while ago, as an SQL expression. */
    String ago(Duration duration) {
        if (kind == Kind.POSTGRESQL) {
            return "(now() - INTERVAL '" + duration.toMillis() + " milliseconds')";
        }
        return Long.toString(StoreAccess.to(url(), null, null).sqliteNow().toEpochMilli() - duration.toMillis());
    }

    static RecordId id(String key) {
        return RecordId.of("tenant-42", "charge-card", key);
    }

    /** Claims a key, as {@code owner} with the given recovery; the claim must succeed. */
    static Lease claim(JdbcIdempotencyStore store, RecordId id, String owner, OnUnknown onUnknown) {
        ClaimOutcome outcome = store.claim(request(id, owner, onUnknown));
        assertThat(outcome).isInstanceOf(ClaimOutcome.Acquired.class);
        return ((ClaimOutcome.Acquired) outcome).lease();
    }

    static Lease claim(JdbcIdempotencyStore store, RecordId id) {
        return claim(store, id, "owner-1", OnUnknown.RERUN);
    }

    static ClaimRequest request(RecordId id, String owner, OnUnknown onUnknown) {
        InputFingerprint fingerprint = InputFingerprint.ofCanonical("input".getBytes(StandardCharsets.UTF_8));
        return new ClaimRequest(id, ClaimToken.random(RANDOM), owner, fingerprint, LEASE, RETENTION, onUnknown, 100);
    }

    /** A result that was not stored. */
    static Payload tooLarge() {
        return Payload.unavailable(Failure.rejected(Failure.Codes.RESULT_TOO_LARGE, "of 2 MiB"));
    }

    static Payload text(String text) {
        return Payload.of("text/1", text.getBytes(StandardCharsets.UTF_8));
    }

    @Override
    public void close() {
        if (postgres != null) {
            postgres.abandon();
        }
    }
}
