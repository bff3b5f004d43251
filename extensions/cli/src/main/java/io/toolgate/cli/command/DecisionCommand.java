package io.toolgate.cli.command;

import io.toolgate.cli.base.DatabaseOptions;
import io.toolgate.cli.base.Environment;
import io.toolgate.cli.base.KeyOptions;
import io.toolgate.cli.base.KeyOptions.Found;
import io.toolgate.cli.base.OutputOptions;
import io.toolgate.cli.explain.RecordPhrases;
import io.toolgate.cli.output.Texts;
import io.toolgate.cli.output.Times;
import io.toolgate.cli.query.StoreReader;
import io.toolgate.store.ClaimMachine;
import io.toolgate.store.ClaimToken;
import io.toolgate.store.IdempotencyRecord;
import io.toolgate.store.RecordId;
import io.toolgate.store.RecordState;
import io.toolgate.store.ResolveOutcome;
import io.toolgate.store.ResolveOutcome.Refused;
import io.toolgate.store.ResolveRequest;
import io.toolgate.store.ResolveRequest.Verdict;
import io.toolgate.store.jdbc.JdbcIdempotencyStore;
import io.toolgate.support.CommandLines;
import io.toolgate.support.Messages;
import io.toolgate.support.Terminal;
import io.toolgate.support.UsageException;
import java.security.SecureRandom;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/**
 * A command by which an operator decides about a record: it looks the record up, shows the decision, asks for
 * confirmation, and has the store apply it.
 */
abstract class DecisionCommand implements Callable<Integer> {
    private final Environment environment;

    @Mixin
    private final KeyOptions keys = new KeyOptions();

    @Option(names = "--reason", required = true, order = 1, paramLabel = "TEXT", description = "Why, for the audit.")
    @SuppressWarnings("NullAway.Init") // picocli sets it
    private String reason;

    @Option(
            names = "--operator",
            order = 1,
            paramLabel = "NAME",
            description = "Who decides, for the audit. Default: the operating system's user.")
    private @Nullable String operator;

    @Option(
            names = "--fence",
            order = 1,
            paramLabel = "N",
            description = "Refuses unless the record has fence N, the one that was inspected.")
    private @Nullable Long fence;

    @Option(names = "--yes", order = 1, description = "Does not ask for confirmation.")
    private boolean yes;

    @Mixin
    private final DatabaseOptions database;

    @Mixin
    private final OutputOptions output;

    DecisionCommand(Environment environment) {
        this.environment = environment;
        this.database = new DatabaseOptions(environment);
        this.output = new OutputOptions(environment);
    }

    final Environment environment() {
        return environment;
    }

    /** Refuses options that contradict each other, before anything is opened. */
    abstract void checkOptions();

    /** The decision about {@code record}. */
    abstract Verdict verdict(IdempotencyRecord record, StoreReader reader);

    /** The state that a decision leads to, in words. */
    abstract String describe(Verdict verdict);

    @Override
    public Integer call() {
        checkOptions();
        if (!yes && environment.terminal() == null) {
            throw new UsageException("there is no terminal to confirm this on: look at the key with 'toolgate explain',"
                    + " then add --yes. Nothing was changed");
        }
        StoreReader reader = database.reader();
        Found found = reader.read(view -> keys.find(view));
        RecordId id = found.identity();
        if (id == null) {
            throw new UsageException(absent());
        }
        try (JdbcIdempotencyStore store = database.store().open()) {
            IdempotencyRecord record = store.peek(id).orElseThrow(() -> new UsageException(absent()));
            if (fence != null && fence != record.fence()) {
                throw new UsageException("the record has fence " + record.fence() + ", expected " + fence
                        + ": it changed since it was inspected. Look again with 'toolgate explain'."
                        + " Nothing was changed");
            }
            ResolveRequest request = request(id, record, verdict(record, reader));
            // Checked before asking for confirmation; the store checks again, against the record as it is then.
            if (ClaimMachine.resolve(record, request, record.readAt()).outcome() instanceof Refused refused) {
                throw refused(refused);
            }
            confirm(record, request);
            return decide(store, request);
        }
    }

    private ResolveRequest request(RecordId id, IdempotencyRecord record, Verdict verdict) {
        try {
            return new ResolveRequest(
                    id,
                    record.fence(),
                    record.version(),
                    ClaimToken.random(new SecureRandom()),
                    verdict,
                    operator == null ? environment.user() : operator,
                    reason);
        } catch (IllegalArgumentException e) {
            throw new UsageException(
                    "--reason or --operator cannot be stored: " + e.getMessage() + ". Nothing was changed", e);
        }
    }

    private void confirm(IdempotencyRecord record, ResolveRequest request) {
        Terminal terminal = environment.terminal();
        if (yes || terminal == null) {
            return;
        }
        String key = keys.shown(record.id().key(), record.id().toUuid());
        environment
                .err()
                .println(Messages.printable("Key " + key + ", action "
                        + record.id().action() + ", tenant "
                        + record.id().tenant() + ", is " + state(record) + " (fence " + record.fence() + ", version "
                        + record.version() + ")."));
        environment
                .err()
                .println(Messages.printable(
                        "It will be " + describe(request.verdict()) + ". Operator: " + request.operator() + "."));
        String answer = terminal.ask("Type yes to confirm: ");
        if (answer == null || !answer.strip().equalsIgnoreCase("yes")) {
            throw new UsageException("the decision was not confirmed with yes. Nothing was changed");
        }
    }

    private static String state(IdempotencyRecord record) {
        String state =
                Texts.lower(record.state().name()) + (ClaimMachine.lacksResult(record) ? " without a result" : "");
        return record.state() == RecordState.IN_PROGRESS
                ? state + " under a lease that ended " + Times.shown(record.leaseUntil())
                : state + " since " + Times.shown(record.updatedAt());
    }

    private int decide(JdbcIdempotencyStore store, ResolveRequest request) {
        ResolveOutcome outcome = store.resolve(request);
        Map<String, Object> object = new LinkedHashMap<>();
        object.put("record_id", request.id().toUuid());
        object.put("decision", describe(request.verdict()));
        object.put("operator", request.operator());
        object.put("reason", request.reason());
        long version = outcome.fold(
                resolved -> {
                    object.put("previous_state", resolved.previous());
                    object.put("state", resolved.current());
                    object.put("at", resolved.at());
                    return resolved.version();
                },
                already -> {
                    object.put("state", already.current());
                    object.put("at", already.at());
                    return already.version();
                },
                refused -> {
                    throw refused(refused);
                });
        object.put("fence", request.fence());
        object.put("version", version);
        output.print(
                object,
                out -> out.println(
                        Messages.printable("Done, at version " + version + ": it is " + describe(request.verdict())
                                + ". See 'toolgate explain "
                                + RecordPhrases.option(request.id().toUuid()) + "'.")));
        return CommandLines.DONE;
    }

    private static String absent() {
        return "there is no record of this key: it was never claimed, or it was purged. Nothing was changed";
    }

    private static UsageException refused(Refused refused) {
        String what = switch (refused.reason()) {
            case ABSENT -> "there is no record of this key any more: the next call runs";
            case MOVED -> "the record changed since it was inspected: look again with 'toolgate explain'";
            case RUNNING ->
                "attempt " + refused.current().map(IdempotencyRecord::fence).orElse(0L) + " holds a lease until "
                        + refused.current()
                                .map(record -> Times.shown(record.leaseUntil()))
                                .orElse("soon")
                        + " and may still finish: wait until then";
            case FINISHED ->
                "the record is "
                        + refused.current()
                                .map(record -> Texts.lower(record.state().name()))
                                .orElse("finished")
                        + " already, and a finished record never changes: 'toolgate retire' lets the next call"
                        + " begin a new one";
            case RESULT_UNAVAILABLE ->
                "the record is completed, so its effect happened, and only its result is unavailable:"
                        + " 'toolgate resolve --completed-file' supplies that; 'toolgate retire' lets the next call"
                        + " run, and have its effect, once more";
            case FREE -> "the record was released without an effect: the next call runs";
            case STORES_ROWS ->
                "the action stores rows of its own with its result, which this tool does not know: complete the key in"
                        + " the service, with gate.resolve(...), which writes them; or add --without-rows and write"
                        + " them by hand";
            case NOT_FINISHED ->
                "the record is not finished, and only a finished record can be retired: 'toolgate resolve'"
                        + " ends a doubt";
        };
        return new UsageException(what + ". Nothing was changed");
    }
}
