package io.toolgate.bench.rivals;

import com.zaxxer.hikari.HikariDataSource;
import dev.dbos.transact.DBOS;
import dev.dbos.transact.StartWorkflowOptions;
import dev.dbos.transact.config.DBOSConfig;
import dev.dbos.transact.migrations.MigrationManager;
import dev.dbos.transact.workflow.Workflow;
import io.toolgate.bench.contender.BenchDatabase;
import io.toolgate.bench.contender.Contender;
import io.toolgate.bench.contender.ContenderFactory;
import io.toolgate.bench.contender.DatabaseKind;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * DBOS Transact: a workflow whose id is the key. It promises that a workflow with an id starts once, that its result
 * is kept and given to a caller that starts it again, and that a workflow whose process died runs again from the start
 * when that executor comes back: an effect that may have happened by then happens a second time, unless it dedupes.
 * PostgreSQL only.
 *
 * <p>A duplicate gets a handle that reads the workflow's row once a second. That interval is a constant of the
 * library; its {@code getEvent} is pushed, and would cost each run the writes of {@code setEvent}.
 */
final class Dbos implements ContenderFactory {
    private static final String APPLICATION = "toolgate-bench";
    /** Connections that DBOS takes for good, for its LISTEN, and now and then, for its schedules and queues. */
    private static final int CONNECTIONS_OF_ITS_OWN = 3;

    @Override
    public String name() {
        return "dbos";
    }

    @Override
    public String how() {
        return "A workflow whose id is the key, without steps, as each would be one more write: startWorkflow, then"
                + " getResult() of its handle, which is DBOS's own replay; no glue. Duplicates poll once a second, a"
                + " constant of the library. LISTEN/NOTIFY on, a pool as for jdbc and " + CONNECTIONS_OF_ITS_OWN
                + " connections more for its own threads, an executor id for each process, default serialisation"
                + " (JSON). A workflow that was cut off runs again when its executor returns. No SQLite.";
    }

    @Override
    public boolean supports(DatabaseKind kind) {
        return kind == DatabaseKind.POSTGRESQL;
    }

    @Override
    public void install(BenchDatabase database) {
        try (HikariDataSource pool = database.pool(CONNECTIONS_OF_ITS_OWN)) {
            MigrationManager.runMigrations(config(database, pool));
        }
    }

    @Override
    public Contender open(BenchDatabase database, int concurrency) {
        HikariDataSource pool = database.pool(database.usualPoolSize(concurrency) + CONNECTIONS_OF_ITS_OWN);
        DBOS dbos = new DBOS(config(database, pool).withMigrate(false));
        ConcurrentMap<String, Supplier<String>> effects = new ConcurrentHashMap<>();
        PaidAction action = dbos.registerProxy(PaidAction.class, new Effect(effects));
        dbos.launch();
        return new Starting(pool, dbos, action, effects);
    }

    private static DBOSConfig config(BenchDatabase database, HikariDataSource pool) {
        return DBOSConfig.defaults(APPLICATION)
                .withDataSource(pool)
                .withDatabaseSchema(database.schema())
                .withAppVersion("1")
                // By default all are the same executor, and each would run again what the others have begun when it
                // starts.
                .withExecutorId(UUID.randomUUID().toString());
    }

    /** The interface that DBOS makes a proxy of. */
    interface PaidAction {
        String run(String key);
    }

    /** Runs what a caller in this process wants run for the key. */
    record Effect(ConcurrentMap<String, Supplier<String>> effects) implements PaidAction {
        @Override
        @Workflow
        public String run(String key) {
            @Nullable Supplier<String> effect = effects.get(key);
            if (effect == null) {
                throw new IllegalStateException("no caller in this process runs " + key);
            }
            return effect.get();
        }
    }

    private record Starting(
            HikariDataSource pool, DBOS dbos, PaidAction action, ConcurrentMap<String, Supplier<String>> effects)
            implements Contender {
        @Override
        public String call(String key, Supplier<String> effect) {
            effects.putIfAbsent(key, effect);
            try {
                return dbos.<String, RuntimeException>startWorkflow(
                                () -> action.run(key), new StartWorkflowOptions(key))
                        .getResult();
            } finally {
                effects.remove(key, effect);
            }
        }

        @Override
        public void close() {
            dbos.shutdown();
            pool.close();
        }
    }
}
