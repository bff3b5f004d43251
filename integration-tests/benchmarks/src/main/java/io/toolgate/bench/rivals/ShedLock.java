package io.toolgate.bench.rivals;

import com.zaxxer.hikari.HikariDataSource;
import io.toolgate.bench.contender.BenchDatabase;
import io.toolgate.bench.contender.Contender;
import io.toolgate.bench.contender.ContenderFactory;
import io.toolgate.bench.contender.DatabaseKind;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.Optional;
import java.util.UUID;
import java.util.function.Supplier;
import net.javacrumbs.shedlock.core.ClockProvider;
import net.javacrumbs.shedlock.core.LockConfiguration;
import net.javacrumbs.shedlock.core.LockProvider;
import net.javacrumbs.shedlock.core.SimpleLock;
import net.javacrumbs.shedlock.provider.jdbctemplate.JdbcTemplateLockProvider;
import org.jspecify.annotations.Nullable;
import org.springframework.jdbc.core.JdbcTemplate;

/**
 * ShedLock: a lock row for each key, held for a time. It promises that no other caller holds the lock until that time
 * is over; it keeps no result, does not wait, and knows no fence: a run that outlasts its lock runs twice. The
 * database's clock, which its documentation strongly recommends, it does not know how to ask for on SQLite.
 */
final class ShedLock implements ContenderFactory {
    /** Its documentation asks for much more than a run takes. */
    private static final Duration LOCK_AT_MOST = Duration.ofMinutes(10);
    /** How long a waiter reads results only, before it tries whether the lock's holder died. */
    private static final Duration UNTIL_NEXT_TRY = Duration.ofSeconds(1);

    private static final String CREATE = """
            CREATE TABLE shedlock (
                name varchar(100) NOT NULL PRIMARY KEY,
                lock_until timestamp NOT NULL,
                locked_at timestamp NOT NULL,
                locked_by varchar(255) NOT NULL)""";

    @Override
    public String name() {
        return "shedlock";
    }

    @Override
    public String how() {
        return "JdbcTemplateLockProvider with usingDbTime() (one INSERT … ON CONFLICT DO UPDATE takes the lock),"
                + " autocommitted instead of in its one-statement transactions; glue: a result table, read before the"
                + " lock and again under it, written before the unlock, and polled every " + Waiting.POLL.toMillis()
                + " ms by callers without the lock. Pool as for jdbc. The lock has no fence and no heartbeat: a run"
                + " longer than lockAtMostFor, or a crash after the effect, runs again. No SQLite.";
    }

    @Override
    public boolean supports(DatabaseKind kind) {
        return kind == DatabaseKind.POSTGRESQL;
    }

    @Override
    public void install(BenchDatabase database) throws SQLException {
        ResultTable.create(database);
        try (Connection connection = database.connect();
                Statement statement = connection.createStatement()) {
            statement.execute(CREATE);
        }
    }

    @Override
    public Contender open(BenchDatabase database, int concurrency) {
        HikariDataSource pool = database.pool(database.usualPoolSize(concurrency));
        LockProvider locks = new JdbcTemplateLockProvider(JdbcTemplateLockProvider.Configuration.builder()
                .withJdbcTemplate(new JdbcTemplate(pool))
                .withTransactionManager(new Autocommit())
                // By default the host's name, which several processes share: one could free another's lock.
                .withLockedByValue(UUID.randomUUID().toString())
                .usingDbTime()
                .build());
        return new Locking(pool, locks, new ResultTable(pool));
    }

    private record Locking(HikariDataSource pool, LockProvider locks, ResultTable results) implements Contender {
        @Override
        public String call(String key, Supplier<String> effect) throws Exception {
            long began = System.nanoTime();
            while (System.nanoTime() - began < Waiting.LIMIT.toNanos()) {
                @Nullable String result = results.find(key);
                if (result == null) {
                    result = tryToRun(key, effect);
                }
                if (result == null) {
                    result = Waiting.within(UNTIL_NEXT_TRY, () -> results.find(key));
                }
                if (result != null) {
                    return result;
                }
            }
            throw Waiting.timeout(key);
        }

        /** The result, or null if another caller has the lock. */
        private @Nullable String tryToRun(String key, Supplier<String> effect) throws SQLException {
            Optional<SimpleLock> lock =
                    locks.lock(new LockConfiguration(ClockProvider.now(), key, LOCK_AT_MOST, Duration.ZERO));
            if (lock.isEmpty()) {
                return null;
            }
            try {
                // Another caller may have finished, and unlocked, since this one last read the result.
                @Nullable String finished = results.find(key);
                if (finished != null) {
                    return finished;
                }
                String result = effect.get();
                results.add(key, result);
                return result;
            } finally {
                lock.get().unlock();
            }
        }

        @Override
        public void close() {
            pool.close();
        }
    }
}
