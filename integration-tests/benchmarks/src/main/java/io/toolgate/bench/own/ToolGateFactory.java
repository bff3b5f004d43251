package io.toolgate.bench.own;

import io.toolgate.IdempotencyKey;
import io.toolgate.ToolGate;
import io.toolgate.bench.contender.BenchDatabase;
import io.toolgate.bench.contender.Contender;
import io.toolgate.bench.contender.DatabaseKind;
import io.toolgate.bench.contender.GrowableFactory;
import io.toolgate.bench.contender.PurgeableFactory;
import io.toolgate.store.jdbc.JdbcIdempotencyStore;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.time.Duration;
import java.util.Map;
import java.util.function.Supplier;

/** ToolGate as its README says to use it. */
public final class ToolGateFactory implements GrowableFactory, PurgeableFactory {
    private static final String ACTION = "bench";
    private static final Duration WAIT = Duration.ofMinutes(1);

    private static final String FILL_POSTGRESQL = """
            INSERT INTO tg_idempotency (record_id, tenant, action, idempotency_key, status, fence, version, claim_token,
                owner, lease_until, fingerprint, result, result_codec, created_at, updated_at, expires_at)
            SELECT gen_random_uuid(), 'default', 'bench', gen_random_uuid()::text, 'COMPLETED', 1, 2, gen_random_uuid(),
                'filled', now(), sha256(''::bytea), 'receipt'::bytea, 'text', %s
            FROM generate_series(1, ?)""";

    private static final String FILL_SQLITE = """
            WITH RECURSIVE rows (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM rows WHERE n < ?)
            INSERT INTO tg_idempotency (record_id, tenant, action, idempotency_key, status, fence, version, claim_token,
                owner, lease_until, fingerprint, result, result_codec, created_at, updated_at, expires_at)
            SELECT randomblob(16), 'default', 'bench', lower(hex(randomblob(16))), 'COMPLETED', 1, 2, randomblob(16),
                'filled', 1, zeroblob(32), CAST('receipt' AS BLOB), 'text', %s
            FROM rows""";

    // When a row was created, when it ended, and when its retention is over.
    private static final Map<DatabaseKind, String> KEPT = Map.of(
            DatabaseKind.POSTGRESQL, "now(), now(), now() + interval '7 days'",
            DatabaseKind.SQLITE, "1, 1, 9999999999999");
    private static final Map<DatabaseKind, String> FORGOTTEN = Map.of(
            DatabaseKind.POSTGRESQL, "now() - interval '9 days', now() - interval '9 days', now() - interval '2 days'",
            DatabaseKind.SQLITE, "1, 1, 2");

    /** Made for the list of contenders. */
    public ToolGateFactory() {}

    @Override
    public String name() {
        return "toolgate";
    }

    @Override
    public String how() {
        return "ToolGate.execute(action, key, effect) with text results on a JdbcIdempotencyStore opened by URL with"
                + " its defaults; calls wait for up to a minute. No glue.";
    }

    @Override
    public void install(BenchDatabase database) {
        builder(database).migrate(true).open().close();
    }

    @Override
    public void fill(BenchDatabase database, long rows) throws SQLException {
        fill(database, rows, KEPT);
    }

    @Override
    public void fillExpired(BenchDatabase database, long rows) throws SQLException {
        fill(database, rows, FORGOTTEN);
    }

    private static void fill(BenchDatabase database, long rows, Map<DatabaseKind, String> times) throws SQLException {
        String sql = switch (database.kind()) {
            case POSTGRESQL -> FILL_POSTGRESQL;
            case SQLITE -> FILL_SQLITE;
        };
        try (Connection connection = database.connect();
                PreparedStatement fill = connection.prepareStatement(sql.formatted(times.get(database.kind())))) {
            fill.setLong(1, rows);
            fill.executeUpdate();
        }
    }

    @Override
    public Contender open(BenchDatabase database, int concurrency) {
        JdbcIdempotencyStore store = builder(database).migrate(false).open();
        return new Gate(store, ToolGate.on(store).waitForInProgress(WAIT).build());
    }

    @Override
    public Purge openPurge(BenchDatabase database) {
        JdbcIdempotencyStore store = builder(database).migrate(false).open();
        return new Purge() {
            @Override
            public int purge(int limit) {
                return store.purge(limit);
            }

            @Override
            public void close() {
                store.close();
            }
        };
    }

    private static JdbcIdempotencyStore.Builder builder(BenchDatabase database) {
        JdbcIdempotencyStore.Builder builder = JdbcIdempotencyStore.builder(database.url());
        if (database.user() != null) {
            builder.user(database.user());
        }
        if (database.password() != null) {
            builder.password(database.password());
        }
        return builder;
    }

    private record Gate(JdbcIdempotencyStore store, ToolGate gate) implements Contender {
        @Override
        public String call(String key, Supplier<String> effect) {
            return gate.execute(ACTION, IdempotencyKey.of(key), effect::get).valueOrThrow();
        }

        @Override
        public void close() {
            gate.close();
            store.close();
        }
    }
}
