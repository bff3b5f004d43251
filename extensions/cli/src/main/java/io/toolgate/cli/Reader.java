package io.toolgate.cli;

import io.toolgate.migrations.Database;
import io.toolgate.store.jdbc.StoreAccess;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import org.jdbi.v3.core.Handle;
import org.jdbi.v3.core.Jdbi;
import org.jdbi.v3.core.JdbiException;
import org.jspecify.annotations.Nullable;

/** Reads a database, and cannot write to it. Each look has a connection and a transaction of its own. */
final class Reader {
    private final StoreAccess access;
    private final Jdbi jdbi;

    Reader(StoreAccess access) {
        this.access = access;
        this.jdbi = access.jdbi();
    }

    Database database() {
        return access.database();
    }

    /**
     * Gives {@code look} one view of the database, in which everything is as it was at one moment.
     *
     * @throws io.toolgate.store.StoreException on trouble with the database, with what to do about it
     */
    <T> T look(Function<View, T> look) {
        try (Handle handle = jdbi.open()) {
            handle.begin();
            try {
                int unused = handle.execute(Sql.load(database(), "snapshot"));
                return look.apply(new View(handle));
            } finally {
                handle.rollback();
            }
        } catch (JdbiException e) {
            throw access.explain(e);
        }
    }

    /** The database at one moment. Good only while {@link #look} lasts. */
    final class View {
        private final Handle handle;
        private @Nullable Instant now;

        private View(Handle handle) {
            this.handle = handle;
        }

        /** The rows that the statement called {@code name} gives; null stands for a parameter without a value. */
        List<Row> rows(String name, Map<String, ?> parameters) {
            String sql = Sql.load(database(), name);
            try (var query = handle.createQuery(sql)) {
                parameters.forEach((parameter, value) -> {
                    var unused = query.bind(parameter, value);
                });
                if (sql.contains(":now")) {
                    var unused = query.bind("now", now().toEpochMilli());
                }
                return query.map((results, context) -> Row.of(results)).list();
            }
        }

        /** The rows of a statement without parameters. */
        List<Row> rows(String name) {
            return rows(name, Map.of());
        }

        /** The one row of a statement. */
        Row row(String name, Map<String, ?> parameters) {
            List<Row> rows = rows(name, parameters);
            if (rows.size() != 1) {
                throw new IllegalStateException(
                        "statement " + name + " gave " + rows.size() + " rows; it always has one");
            }
            return rows.get(0);
        }

        /** The store's time when it was asked first. */
        Instant now() {
            Instant known = now;
            if (known == null) {
                known = database() == Database.SQLITE
                        ? access.sqliteNow()
                        : handle.createQuery(Sql.load(database(), "clock"))
                                .map((results, context) -> Row.of(results).time("now"))
                                .one();
                now = known;
            }
            return known;
        }
    }
}
