package io.toolgate.cli.command;

import io.toolgate.cli.base.DatabaseOptions;
import io.toolgate.cli.base.Environment;
import io.toolgate.cli.base.OutputOptions;
import io.toolgate.cli.base.TimeOptions;
import io.toolgate.cli.explain.RecordPhrases;
import io.toolgate.cli.output.Progress;
import io.toolgate.cli.output.Table;
import io.toolgate.cli.output.Texts;
import io.toolgate.cli.output.Times;
import io.toolgate.cli.query.Row;
import io.toolgate.support.CommandLines;
import io.toolgate.support.UsageException;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** The {@code list} command. */
@Command(
        name = "list",
        description = "Lists the records in a state, oldest first. Reads the whole table, but not for unavailable.",
        footer = {
            "",
            "States: in-doubt (it is unknown whether the effect happened), quarantined (in doubt, and no longer probed:"
                    + " only an operator can resolve it), expired (in progress under an expired lease), in-progress"
                    + " (under a live or an expired lease), completed, unavailable (completed, and its result is not"
                    + " stored: 'toolgate resolve' supplies it), rejected, retryable (released or retired: the next"
                    + " call runs).",
            "Age is the time since the record entered its state; for an expired one, since its lease ended."
        },
        sortOptions = false)
public final class ListCommand implements Callable<Integer> {
    private final Environment environment;

    private static final String UNAVAILABLE = "unavailable";

    private static final List<String> STATES = List.of(
            "in-doubt", "quarantined", "expired", "in-progress", "completed", UNAVAILABLE, "rejected", "retryable");

    @Option(names = "--state", required = true, paramLabel = "STATE", description = "The state; see below.")
    @SuppressWarnings("NullAway.Init") // picocli sets it
    private String state;

    @Option(
            names = "--older-than",
            paramLabel = "DURATION",
            description = "Only records of at least this age: 90s, 10m, 2h, 7d.")
    private @Nullable String olderThan;

    @Option(names = "--tenant", paramLabel = "TENANT", description = "Only records of this tenant.")
    private @Nullable String tenant;

    @Option(names = "--action", paramLabel = "ACTION", description = "Only records of this action.")
    private @Nullable String action;

    @Option(
            names = "--limit",
            paramLabel = "N",
            defaultValue = "100",
            description = "Lists at most N records. Default: 100.")
    private int limit;

    @Option(names = "--show-keys", description = "Shows keys in full.")
    private boolean showKeys;

    @Mixin
    private final DatabaseOptions database;

    @Mixin
    private final OutputOptions output;

    /** The command, run in {@code environment}. */
    public ListCommand(Environment environment) {
        this.environment = environment;
        this.database = new DatabaseOptions(environment);
        this.output = new OutputOptions(environment);
    }

    private record Page(List<Row> rows, Instant now) {}

    @Override
    public Integer call() {
        if (!STATES.contains(state)) {
            throw new UsageException("--state must be one of " + String.join(", ", STATES) + ", not '" + state + "'");
        }
        if (limit < 1 || limit > 1_000_000) {
            throw new UsageException("--limit must be 1 to 1,000,000, not " + limit);
        }
        Duration age = olderThan == null ? Duration.ZERO : TimeOptions.duration(olderThan, "--older-than");
        Map<String, @Nullable Object> parameters = new HashMap<>();
        // Jdbi refuses a parameter that a statement does not have.
        String statement = state.equals(UNAVAILABLE) ? "list_unavailable" : "list";
        if (!state.equals(UNAVAILABLE)) {
            parameters.put("state", state);
        }
        parameters.put("olderThan", age.toMillis());
        parameters.put("tenant", tenant);
        parameters.put("action", action);
        parameters.put("limit", limit + 1L);
        Page page;
        try (Progress progress = environment.progress("reading the table")) {
            page = database.reader().read(view -> new Page(view.rows(statement, parameters), view.now()));
        }
        boolean more = page.rows().size() > limit;
        List<Row> rows = more ? page.rows().subList(0, limit) : page.rows();
        Map<String, Object> object = new LinkedHashMap<>();
        object.put("state", state);
        object.put("records", rows.stream().map(row -> record(row, page.now())).toList());
        object.put("more", more);
        output.print(object, out -> {
            table(rows, page.now()).print(out);
            out.println(
                    more
                            ? "The oldest " + Texts.number(limit) + " are shown; there are more: raise --limit."
                            : Texts.count(rows.size(), "record", "records") + ".");
        });
        return CommandLines.DONE;
    }

    private Map<String, @Nullable Object> record(Row row, Instant now) {
        Map<String, @Nullable Object> record = new LinkedHashMap<>();
        record.put("record_id", row.id("record_id"));
        record.put("tenant", row.text("tenant"));
        record.put("action", row.text("action"));
        record.put("key", key(row));
        record.put("state", row.text("status"));
        record.put("fence", row.number("fence"));
        record.put("version", row.number("version"));
        record.put("owner", row.text("owner"));
        record.put("since", row.time("since"));
        record.put("age_ms", Duration.between(row.time("since"), now).toMillis());
        record.put("lease_until", row.time("lease_until"));
        record.put("created_at", row.time("created_at"));
        record.put("updated_at", row.time("updated_at"));
        record.put("expires_at", row.time("expires_at"));
        record.put("failure_code", row.textOrNull("failure_code"));
        String message = row.textOrNull("failure_message");
        record.put("failure_message", message == null ? null : quoting(row, message));
        record.put("result_codec", row.textOrNull("result_codec"));
        record.put("result_bytes", row.numberOrNull("result_bytes"));
        return record;
    }

    private Table table(List<Row> rows, Instant now) {
        Table table = Table.of(">age", "since (UTC)", "tenant", "action", "key", ">attempt", "owner", "details");
        for (Row row : rows) {
            table.row(
                    Times.shown(Duration.between(row.time("since"), now)),
                    Times.shown(row.time("since")),
                    row.text("tenant"),
                    row.text("action"),
                    key(row),
                    Texts.number(row.number("fence")),
                    row.text("owner"),
                    quoting(row, details(row)));
        }
        return table;
    }

    private static String details(Row row) {
        return switch (row.text("status")) {
            case "IN_PROGRESS" ->
                row.flag("live")
                        ? "leased until " + Times.shown(row.time("lease_until"))
                        : "the lease ended without a result";
            case "COMPLETED" -> RecordPhrases.result(row);
            default -> RecordPhrases.failure(row);
        };
    }

    private String quoting(Row row, String text) {
        return Texts.quoting(text, row.text("idempotency_key"), row.id("record_id"), showKeys);
    }

    private String key(Row row) {
        return Texts.key(row.text("idempotency_key"), row.id("record_id"), showKeys);
    }
}
