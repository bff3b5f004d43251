package io.toolgate.cli.base;

import io.toolgate.cli.output.Texts;
import io.toolgate.cli.query.Row;
import io.toolgate.cli.query.StoreView;
import io.toolgate.store.RecordId;
import io.toolgate.support.UsageException;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** The options that name a key and say how it is shown. */
public final class KeyOptions {
    /** How many records a refusal lists when several have the key. */
    private static final int LISTED = 10;

    @Parameters(arity = "0..1", paramLabel = "KEY", description = "The idempotency key; or use --id.")
    private @Nullable String key;

    @Option(
            names = "--tenant",
            paramLabel = "TENANT",
            description = "The key's tenant. With --action too, the record is read directly; without both, the whole"
                    + " table is searched.")
    private @Nullable String tenant;

    @Option(names = "--action", paramLabel = "ACTION", description = "The key's action.")
    private @Nullable String action;

    @Option(names = "--id", paramLabel = "UUID", description = "The record's id, as the other commands show it.")
    private @Nullable String id;

    @Option(names = "--show-keys", description = "Shows the key in full.")
    private boolean showKeys;

    /** Options that picocli fills in. */
    public KeyOptions() {}

    /**
     * A key, as far as it is known.
     *
     * @param id of its record
     * @param identity tenant, action and key, or null if neither a record nor the history has them any more
     */
    public record Found(UUID id, @Nullable RecordId identity) {}

    /**
     * The key that was named.
     *
     * @throws UsageException if none was, if it is unknown, or if several tenants or actions have it
     */
    public Found find(StoreView view) {
        String wanted = key;
        if (wanted != null && id != null) {
            throw new UsageException("name the key or its record with --id, not both");
        }
        if (wanted == null) {
            if (id == null) {
                throw new UsageException("name the key, or its record with --id");
            }
            return byId(view, id);
        }
        if (tenant != null && action != null) {
            try {
                RecordId identity = RecordId.of(tenant, action, wanted);
                return new Found(identity.toUuid(), identity);
            } catch (IllegalArgumentException e) {
                throw new UsageException("no record can have this identity: " + e.getMessage(), e);
            }
        }
        return search(view, wanted);
    }

    private Found byId(StoreView view, String given) {
        if (tenant != null || action != null) {
            throw new UsageException("--id names the record already: leave out --tenant and --action");
        }
        if (!given.replace("-", "").matches("[0-9a-fA-F]{32}")) {
            throw new UsageException("--id must be 32 hexadecimal digits, with or without dashes, not '" + given + "'");
        }
        UUID uuid = Row.uuid(given);
        List<Row> rows = view.rows("find_id", Map.of("id", Row.digits(uuid)));
        return new Found(uuid, rows.isEmpty() ? null : identity(rows.get(0)));
    }

    private Found search(StoreView view, String wanted) {
        Map<String, @Nullable Object> parameters = new HashMap<>();
        parameters.put("key", wanted);
        parameters.put("tenant", tenant);
        parameters.put("action", action);
        parameters.put("limit", LISTED + 1L);
        List<Row> rows = view.rows("find_key", parameters);
        if (rows.isEmpty()) {
            throw new UsageException("no record and no history entry has this key"
                    + (tenant == null && action == null ? "" : " with this tenant or action")
                    + ": check its spelling (keys compare byte for byte) and --url. It may have been purged");
        }
        if (rows.size() > 1) {
            String names = rows.stream()
                    .limit(LISTED)
                    .map(row -> row.text("tenant") + "/" + row.text("action") + " (--id " + row.id("record_id") + ")")
                    .collect(Collectors.joining(", "));
            throw new UsageException("several tenants or actions have this key: " + names
                    + (rows.size() > LISTED ? " and more" : "")
                    + ". Name one with --tenant and --action, or with --id");
        }
        return new Found(rows.get(0).id("record_id"), identity(rows.get(0)));
    }

    /** The identity in a row, or null if no record can have it: the row was changed by hand. */
    private static @Nullable RecordId identity(Row row) {
        try {
            return RecordId.of(row.text("tenant"), row.text("action"), row.text("idempotency_key"));
        } catch (IllegalArgumentException e) {
            return null;
        }
    }

    /** The key of record {@code id}: masked, unless {@code --show-keys} is given. */
    public String shown(String text, UUID record) {
        return Texts.key(text, record, showKeys);
    }

    /** {@code text}, with any occurrence of the key {@code quoted} as {@link #shown} gives it. */
    public String quoting(String text, String quoted, UUID record) {
        return Texts.quoting(text, quoted, record, showKeys);
    }
}
