package io.toolgate.bench.rivals;

import com.zaxxer.hikari.HikariDataSource;
import io.toolgate.bench.contender.BenchDatabase;
import io.toolgate.bench.contender.Contender;
import io.toolgate.bench.contender.ContenderFactory;
import io.toolgate.bench.contender.DatabaseKind;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.springframework.core.io.ClassPathResource;
import org.springframework.integration.jdbc.metadata.JdbcMetadataStore;
import org.springframework.jdbc.datasource.init.ScriptUtils;

/**
 * Spring Integration's metadata store, which its idempotent receiver uses. It promises that one caller puts a key's
 * value first; a duplicate is discarded rather than made to wait, and the key of an owner that died stays taken for
 * good. Its other way, a JdbcLockRegistry, writes three times for a key (lock, result, unlock), each but the result in
 * a transaction, where the metadata store writes twice. SQLite is none of its databases, and refuses the INSERT of
 * putIfAbsent for its HAVING.
 */
final class SpringIntegration implements ContenderFactory {
    /** The value of a key that runs; no result can be equal to it. */
    private static final String RUNNING = "?";

    private static final String SCHEMA = "org/springframework/integration/jdbc/schema-postgresql.sql";

    @Override
    public String name() {
        return "spring-integration";
    }

    @Override
    public String how() {
        return "JdbcMetadataStore, which the idempotent receiver uses, outside of transactions: putIfAbsent claims the"
                + " key, and its value, a placeholder at first, becomes the result by replace(), so that its table is"
                + " the result table; glue: duplicates poll get() every " + Waiting.POLL.toMillis()
                + " ms, where the receiver discards them. Pool as for jdbc. No lease: a crash leaves its key stuck."
                + " (JdbcLockRegistry writes once more for each key.) No SQLite, which refuses its INSERT.";
    }

    @Override
    public boolean supports(DatabaseKind kind) {
        return kind == DatabaseKind.POSTGRESQL;
    }

    @Override
    public void install(BenchDatabase database) throws SQLException {
        try (Connection connection = database.connect()) {
            ScriptUtils.executeSqlScript(connection, new ClassPathResource(SCHEMA));
        }
    }

    @Override
    public Contender open(BenchDatabase database, int concurrency) {
        HikariDataSource pool = database.pool(database.usualPoolSize(concurrency));
        JdbcMetadataStore store = new JdbcMetadataStore(pool);
        store.afterPropertiesSet();
        return new Receiving(pool, store);
    }

    private record Receiving(HikariDataSource pool, JdbcMetadataStore store) implements Contender {
        @Override
        public String call(String key, Supplier<String> effect) throws Exception {
            @Nullable String found = store.putIfAbsent(key, RUNNING);
            if (found != null) {
                return found.equals(RUNNING) ? Waiting.until(key, () -> finished(key)) : found;
            }
            String result = run(key, effect);
            if (!store.replace(key, RUNNING, result)) {
                throw new IllegalStateException("the value of " + key + " is not this run's any more");
            }
            return result;
        }

        private String run(String key, Supplier<String> effect) {
            try {
                return effect.get();
            } catch (RuntimeException | Error e) {
                store.remove(key);
                throw e;
            }
        }

        private @Nullable String finished(String key) {
            @Nullable String value = store.get(key);
            return RUNNING.equals(value) ? null : value;
        }

        @Override
        public void close() {
            pool.close();
        }
    }
}
