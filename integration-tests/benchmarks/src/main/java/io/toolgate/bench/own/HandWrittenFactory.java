package io.toolgate.bench.own;

import com.zaxxer.hikari.HikariDataSource;
import io.toolgate.bench.contender.BenchDatabase;
import io.toolgate.bench.contender.Contender;
import io.toolgate.bench.contender.DatabaseKind;
import io.toolgate.bench.contender.GrowableFactory;
import java.sql.SQLException;
import java.time.Duration;
import java.util.UUID;
import java.util.concurrent.TimeoutException;
import java.util.function.BiFunction;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Code that a user would write instead of ToolGate: an INSERT that does nothing if the key exists, the effect, an
 * UPDATE guarded by a random token; duplicates poll. No lease, no takeover, no fingerprint: a crash leaves the key
 * stuck for good.
 */
public final class HandWrittenFactory implements GrowableFactory {
    private static final Duration POLL = Duration.ofMillis(50);
    private static final Duration WAIT = Duration.ofMinutes(1);

    private final String name;
    private final String api;
    private final BiFunction<HikariDataSource, DatabaseKind, RunStatements> statements;

    private HandWrittenFactory(
            String name, String api, BiFunction<HikariDataSource, DatabaseKind, RunStatements> statements) {
        this.name = name;
        this.api = api;
        this.statements = statements;
    }

    /** In plain JDBC. */
    public static HandWrittenFactory jdbc() {
        return new HandWrittenFactory("jdbc", "plain JDBC", JdbcStatements::new);
    }

    /** Through Jdbi's fluent API. */
    public static HandWrittenFactory jdbi() {
        return new HandWrittenFactory("jdbi", "Jdbi's fluent API", JdbiStatements::new);
    }

    @Override
    public String name() {
        return name;
    }

    @Override
    public String how() {
        return "Two hand-written statements in " + api
                + ", autocommitted: INSERT … ON CONFLICT DO NOTHING, then UPDATE …"
                + " WHERE key AND token; duplicates SELECT every " + POLL.toMillis()
                + " ms. A HikariCP pool, full from the start, of one connection for each caller up to 64 (SQLite 256),"
                + " which --pool-size changes. No lease and no takeover: a crash leaves its key stuck.";
    }

    @Override
    public void install(BenchDatabase database) throws SQLException {
        RunsTable.create(database);
    }

    @Override
    public void fill(BenchDatabase database, long rows) throws SQLException {
        RunsTable.fill(database, rows);
    }

    @Override
    public Contender open(BenchDatabase database, int concurrency) {
        return new HandWritten(statements.apply(database.pool(database.usualPoolSize(concurrency)), database.kind()));
    }

    private record HandWritten(RunStatements statements) implements Contender {
        @Override
        public String call(String key, Supplier<String> effect) throws Exception {
            UUID token = UUID.randomUUID();
            if (!statements.claim(key, token)) {
                return await(key);
            }
            String result = effect.get();
            if (!statements.complete(key, token, result)) {
                throw new IllegalStateException("the row of " + key + " is not this run's any more");
            }
            return result;
        }

        private String await(String key) throws Exception {
            long began = System.nanoTime();
            @Nullable String result = statements.find(key);
            while (result == null) {
                if (System.nanoTime() - began > WAIT.toNanos()) {
                    throw new TimeoutException(key + " has no result after " + WAIT.toSeconds() + " s");
                }
                Thread.sleep(POLL.toMillis());
                result = statements.find(key);
            }
            return result;
        }

        @Override
        public void close() throws Exception {
            statements.close();
        }
    }
}
