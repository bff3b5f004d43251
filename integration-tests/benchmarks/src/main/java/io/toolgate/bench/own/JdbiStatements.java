package io.toolgate.bench.own;

import com.zaxxer.hikari.HikariDataSource;
import io.toolgate.bench.contender.DatabaseKind;
import java.util.UUID;
import org.jdbi.v3.core.Jdbi;
import org.jspecify.annotations.Nullable;

/** The statements through Jdbi's fluent API. */
record JdbiStatements(HikariDataSource pool, DatabaseKind kind, Jdbi jdbi) implements RunStatements {
    JdbiStatements(HikariDataSource pool, DatabaseKind kind) {
        this(pool, kind, Jdbi.create(pool));
    }

    @Override
    public boolean claim(String key, UUID token) {
        return jdbi.withHandle(handle -> handle.createUpdate(RunsTable.CLAIM)
                        .bind(0, key)
                        .bind(1, RunsTable.parameter(kind, token))
                        .execute()
                == 1);
    }

    @Override
    public boolean complete(String key, UUID token, String result) {
        return jdbi.withHandle(handle -> handle.createUpdate(RunsTable.COMPLETE)
                        .bind(0, result)
                        .bind(1, key)
                        .bind(2, RunsTable.parameter(kind, token))
                        .execute()
                == 1);
    }

    @Override
    public @Nullable String find(String key) {
        return jdbi.withHandle(handle -> handle.createQuery(RunsTable.FIND)
                .bind(0, key)
                .map((row, context) -> row.getString(1))
                .findFirst()
                .orElse(null));
    }

    @Override
    public void close() {
        pool.close();
    }
}
