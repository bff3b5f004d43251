package io.toolgate.cli;

import io.toolgate.store.RecordId;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** The options that name a key; commands mix them in. */
final class KeyOptions {
    /** How many of those that have a key are named. */
    private static final int NAMED = 10;

    @Parameters(arity = "0..1", paramLabel = "KEY", description = "The idempotency key; or use --id.")
    private @Nullable String key;

    @Option(
            names = "--tenant",
            description = "Whose key it is. With --action too, nothing is searched; without both, the whole table is.")
    private @Nullable String tenant;

    @Option(names = "--action", description = "Of which action it is.")
    private @Nullable String action;

    @Option(names = "--id", paramLabel = "UUID", description = "The record's id, as the other commands show it.")
    private @Nullable String id;

    KeyOptions() {}

    /**
     * A key, as far as it is known.
     *
     * @param id of its record
     * @param texts that it is made of, or null if neither a record nor history knows them any more
     */
    record Found(UUID id, @Nullable RecordId texts) {}

    /**
     * The key that was named.
     *
     * @throws RefusedException if none was, none is known, or several are
     */
    Found find(Reader.View view) {
        String wanted = key;
        if ((wanted == null) == (id == null)) {
            throw new RefusedException("name the key, or its record with --id, and not both");
        }
        if (wanted == null) {
            return byId(view, String.valueOf(id));
        }
        if (tenant != null && action != null) {
            try {
                RecordId texts = RecordId.of(tenant, action, wanted);
                return new Found(texts.toUuid(), texts);
            } catch (IllegalArgumentException e) {
                throw new RefusedException("no record can have this identity: " + e.getMessage(), e);
            }
        }
        return search(view, wanted);
    }

    private Found byId(Reader.View view, String given) {
        if (tenant != null || action != null) {
            throw new RefusedException("--id names the record already; leave --tenant and --action out");
        }
        if (!given.replace("-", "").matches("[0-9a-fA-F]{32}")) {
            throw new RefusedException(
                    "--id must be 32 hexadecimal digits, with or without dashes, not '" + given + "'");
        }
        UUID uuid = Row.uuid(given);
        List<Row> rows = view.rows("find_id", Map.of("id", Row.digits(uuid)));
        return new Found(uuid, rows.isEmpty() ? null : texts(rows.get(0)));
    }

    private Found search(Reader.View view, String wanted) {
        Map<String, @Nullable Object> parameters = new HashMap<>();
        parameters.put("key", wanted);
        parameters.put("tenant", tenant);
        parameters.put("action", action);
        parameters.put("limit", NAMED + 1L);
        List<Row> rows = view.rows("find_key", parameters);
        if (rows.isEmpty()) {
            throw new RefusedException("no record and no history has this key"
                    + (tenant == null && action == null ? "" : " with this tenant or action")
                    + ": check how it is spelt (keys compare byte for byte), and --url. It may have been purged");
        }
        if (rows.size() > 1) {
            String names = rows.stream()
                    .limit(NAMED)
                    .map(row -> row.text("tenant") + "/" + row.text("action") + " (--id " + row.id("record_id") + ")")
                    .collect(Collectors.joining(", "));
            throw new RefusedException("this key belongs to several tenants or actions: " + names
                    + (rows.size() > NAMED ? " and more" : "") + ". Name one with --tenant and --action, or with --id");
        }
        return new Found(rows.get(0).id("record_id"), texts(rows.get(0)));
    }

    /** The identity in a row, or null if the row's texts are none that a record can have: somebody changed them by hand. */
    private static @Nullable RecordId texts(Row row) {
        try {
            return RecordId.of(row.text("tenant"), row.text("action"), row.text("idempotency_key"));
        } catch (IllegalArgumentException e) {
            return null;
        }
    }
}
