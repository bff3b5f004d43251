package io.toolgate.cli.health;

import io.toolgate.cli.query.Row;
import io.toolgate.cli.query.StoreReader;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The result of one check.
 *
 * @param check the check
 * @param found how many violations it counted
 * @param example the id of a record that violates it, or null if no record can be named
 */
public record Finding(
        HealthCheck check, long found, @Nullable String example) {

    /**
     * Runs {@code check} in a snapshot of its own, so that no snapshot is held for long on a large store.
     *
     * @param journalSince the time from which on the journal is checked
     */
    public static Finding of(HealthCheck check, StoreReader reader, Instant journalSince) {
        Map<String, Object> parameters = check.isOfJournal() ? Map.of("since", journalSince.toEpochMilli()) : Map.of();
        Row row = reader.read(view -> view.row(check.statement(), parameters));
        return new Finding(check, row.number("found"), row.textOrNull("example"));
    }

    /** Whether it shows that the store is damaged. */
    public boolean isFault() {
        return found > 0 && check.severity() == HealthCheck.Severity.FAULT;
    }

    /** {@code ok}, {@code fault} or {@code warning}. */
    public String verdict() {
        return found == 0 ? "ok" : severity();
    }

    /** The members of a JSON object. */
    public Map<String, @Nullable Object> object() {
        Map<String, @Nullable Object> object = new LinkedHashMap<>();
        object.put("name", check.name());
        object.put("severity", severity());
        object.put("found", found);
        object.put("example", example);
        object.put("meaning", check.meaning());
        return object;
    }

    private String severity() {
        return check.severity().name().toLowerCase(Locale.ROOT);
    }
}
