package io.toolgate.cli.command;

import io.toolgate.cli.base.DatabaseOptions;
import io.toolgate.cli.base.Environment;
import io.toolgate.cli.base.KeyOptions;
import io.toolgate.cli.base.KeyOptions.Found;
import io.toolgate.cli.base.OutputOptions;
import io.toolgate.cli.explain.CurrentState;
import io.toolgate.cli.explain.KeyFacts;
import io.toolgate.cli.explain.Timeline;
import io.toolgate.cli.output.Progress;
import io.toolgate.cli.output.Table;
import io.toolgate.cli.query.Row;
import io.toolgate.cli.query.StoreReader;
import io.toolgate.migrations.ToolGateMigrations;
import io.toolgate.store.RecordId;
import io.toolgate.support.CommandLines;
import io.toolgate.support.Messages;
import io.toolgate.support.UsageException;
import java.io.PrintWriter;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

/** The {@code explain} command. */
@Command(
        name = "explain",
        description =
                "Shows what happened to a key, in time order: claims, lost leases, probes, completion and decisions;"
                        + " its state now, and what can be done about it.",
        footer = {
            "",
            "The source is the journal, where it was on; else the record and the decisions about it, and the output"
                    + " lists what cannot be known. Results and checkpoints are never shown, except for a probe's"
                    + " answer."
        },
        sortOptions = false)
public final class ExplainCommand implements Callable<Integer> {
    private static final String UNKNOWN = "no longer known";

    private final Environment environment;

    @Mixin
    private final KeyOptions keys = new KeyOptions();

    @Mixin
    private final DatabaseOptions database;

    @Mixin
    private final OutputOptions output;

    /** The command, run in {@code environment}. */
    public ExplainCommand(Environment environment) {
        this.environment = environment;
        this.database = new DatabaseOptions(environment);
        this.output = new OutputOptions(environment);
    }

    private record Known(Found found, KeyFacts facts) {}

    @Override
    public Integer call() {
        StoreReader reader = database.reader();
        Known known;
        try (Progress progress = environment.progress("looking up the key")) {
            known = reader.read(view -> {
                Found found = keys.find(view);
                return new Known(found, KeyFacts.read(view, found.id()));
            });
        }
        KeyFacts facts = known.facts();
        if (facts.isEmpty()) {
            throw new UsageException(
                    "the store has nothing about this key: it was never claimed, or it was purged. Check"
                            + " its spelling and --url");
        }
        boolean journal = DatabaseOptions.migrations(database.access(), ToolGateMigrations::journalIsOn);
        Found found = known.found();
        Timeline timeline = Timeline.of(facts, text -> masked(found, text));
        CurrentState plain = CurrentState.of(facts);
        CurrentState state = new CurrentState(masked(found, plain.sentence()), plain.options());
        output.print(object(known, journal, timeline, state), out -> print(known, journal, timeline, state, out));
        return CommandLines.DONE;
    }

    private Map<String, @Nullable Object> object(Known known, boolean journal, Timeline timeline, CurrentState state) {
        RecordId identity = known.found().identity();
        Row record = known.facts().record();
        Map<String, @Nullable Object> object = new LinkedHashMap<>();
        object.put("record_id", known.found().id());
        object.put("tenant", identity == null ? null : identity.tenant());
        object.put("action", identity == null ? null : identity.action());
        object.put("key", key(known.found()));
        object.put("journal", journal ? "on" : "off");
        object.put("state", known.facts().status());
        object.put("fence", record == null ? null : record.number("fence"));
        object.put("version", record == null ? null : record.number("version"));
        object.put("events", timeline.objects());
        object.put("unknown", timeline.unknowns());
        object.put("now", state.sentence());
        object.put("options", state.options());
        return object;
    }

    private void print(Known known, boolean journal, Timeline timeline, CurrentState state, PrintWriter out) {
        RecordId identity = known.found().identity();
        Table head = Table.ofPairs();
        head.row("tenant", identity == null ? UNKNOWN : identity.tenant());
        head.row("action", identity == null ? UNKNOWN : identity.action());
        head.row("key", key(known.found()));
        head.row("record", known.found().id().toString());
        head.print(out);
        out.println();
        timeline.print(out);
        out.println();
        List<String> unknowns = timeline.unknowns();
        if (!unknowns.isEmpty()) {
            boolean noEntry = known.facts().journal().isEmpty();
            String why = journal ? "The journal has no entry for this key, so this" : "The journal is off, so this";
            out.println((noEntry ? why : "This") + " cannot be known:");
            unknowns.forEach(unknown -> out.println("  " + unknown));
            out.println();
        }
        out.println(Messages.printable("Now: " + state.sentence() + "."));
        state.options().forEach(option -> out.println("  " + option));
    }

    private String masked(Found found, String text) {
        RecordId identity = found.identity();
        return identity == null ? text : keys.quoting(text, identity.key(), found.id());
    }

    private String key(Found found) {
        RecordId identity = found.identity();
        return identity == null ? UNKNOWN : keys.shown(identity.key(), found.id());
    }
}
