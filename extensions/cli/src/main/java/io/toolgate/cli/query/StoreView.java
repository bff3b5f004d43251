package io.toolgate.cli.query;

import io.toolgate.Failure;
import io.toolgate.migrations.Database;
import io.toolgate.store.jdbc.StoreAccess;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.jdbi.v3.core.Handle;
import org.jspecify.annotations.Nullable;

/** A snapshot of a store. Valid only while {@link StoreReader#read} runs. */
public final class StoreView {
    /** The checkpoint in which the runtime keeps a probe's answer, such as {@code not-happened 3}. */
    public static final String PROBE = "toolgate:probe";

    /** What the runtime alone writes, for the statements that compare with it. */
    private static final Map<String, String> RESERVED = Map.of(
            "quarantined", Failure.Codes.QUARANTINED,
            "retired", Failure.Codes.RETIRED,
            "resolved", Failure.Codes.RESOLVED,
            "probe", PROBE);

    private final StoreAccess access;
    private final Handle handle;
    private @Nullable Instant now;

    StoreView(StoreAccess access, Handle handle) {
        this.access = access;
        this.handle = handle;
    }

    /** The rows of the statement called {@code name}; a parameter may be null. */
    public List<Row> rows(String name, Map<String, ?> parameters) {
        String sql = SqlFiles.load(access.database(), name);
        try (var query = handle.createQuery(sql)) {
            parameters.forEach((parameter, value) -> {
                var unused = query.bind(parameter, value);
            });
            RESERVED.forEach((parameter, value) -> {
                if (sql.contains(":" + parameter)) {
                    var unused = query.bind(parameter, value);
                }
            });
            if (sql.contains(":now")) {
                var unused = query.bind("now", now().toEpochMilli());
            }
            return query.map((results, context) -> Row.of(results)).list();
        }
    }

    /** The rows of a statement without parameters. */
    public List<Row> rows(String name) {
        return rows(name, Map.of());
    }

    /** The row of a statement that always has one. */
    public Row row(String name, Map<String, ?> parameters) {
        List<Row> rows = rows(name, parameters);
        if (rows.size() != 1) {
            throw new IllegalStateException("statement " + name + " returned " + rows.size()
                    + " rows, expected 1: this is a bug, please report it");
        }
        return rows.get(0);
    }

    /** The store's time, read once for the snapshot. */
    public Instant now() {
        Instant known = now;
        if (known == null) {
            known = access.database() == Database.SQLITE
                    ? access.sqliteNow()
                    : handle.createQuery(SqlFiles.load(access.database(), "clock"))
                            .map((results, context) -> Row.of(results).time("now"))
                            .one();
            now = known;
        }
        return known;
    }
}
