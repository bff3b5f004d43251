package io.toolgate.cli;

import io.toolgate.cli.KeyOptions.Found;
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
import java.security.SecureRandom;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** What the commands have by which somebody decides about a record: they look at it, show what they will do, ask, and do it. */
abstract class DecisionCommand extends StoreCommand {
    @Mixin
    private KeyOptions keys = new KeyOptions();

    @Option(names = "--reason", required = true, paramLabel = "TEXT", description = "Why, for the audit.")
    @SuppressWarnings("NullAway.Init") // picocli sets it
    private String reason;

    @Option(
            names = "--operator",
            paramLabel = "NAME",
            description = "Who decides, for the audit. Default: the system's user.")
    private @Nullable String operator;

    @Option(
            names = "--fence",
            paramLabel = "N",
            description = "Only if the record has this fence, as it was looked at before.")
    private @Nullable Long fence;

    @Option(names = "--yes", description = "Does it without asking.")
    private boolean yes;

    @Option(names = "--show-keys", description = "Shows the key in full.")
    private boolean showKeys;

    DecisionCommand(Environment environment) {
        super(environment);
    }

    /** Refuses options that do not go together, before anything is opened. */
    abstract void checkOptions();

    /** What is decided about {@code record}. */
    abstract Verdict verdict(IdempotencyRecord record, Reader reader);

    /** What is decided, as the end of a sentence that begins with "it will be". */
    abstract String describe(Verdict verdict);

    @Override
    public Integer call() {
        checkOptions();
        if (!yes && environment().terminal() == null) {
            throw new RefusedException(
                    "there is no terminal to confirm this on: look first with 'toolgate explain', then"
                            + " say --yes. Nothing was changed");
        }
        Reader reader = reader();
        Found found = reader.look(view -> keys.find(view));
        RecordId id = found.texts();
        if (id == null) {
            throw new RefusedException(absent());
        }
        try (JdbcIdempotencyStore store = store().open()) {
            IdempotencyRecord record = store.peek(id).orElseThrow(() -> new RefusedException(absent()));
            if (fence != null && fence != record.fence()) {
                throw new RefusedException("the record has fence " + record.fence() + ", not " + fence
                        + ": it moved since it was looked at. Look again with 'toolgate explain'. Nothing was changed");
            }
            ResolveRequest request = request(id, record, verdict(record, reader));
            // What the store will say, told before anybody is asked; the store decides, on what it finds then.
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
                    operator == null ? environment().user() : operator,
                    reason);
        } catch (IllegalArgumentException e) {
            throw new RefusedException(
                    "--reason or --operator cannot be kept: " + e.getMessage() + ". Nothing was changed", e);
        }
    }

    private void confirm(IdempotencyRecord record, ResolveRequest request) {
        Terminal terminal = environment().terminal();
        if (yes || terminal == null) {
            return;
        }
        String key = Texts.key(record.id().key(), record.id().toUuid(), showKeys);
        environment()
                .err()
                .println(Texts.safe(key + " of action " + record.id().action() + ", tenant "
                        + record.id().tenant() + ", is " + standing(record) + " (fence " + record.fence() + ", version "
                        + record.version()
                        + ")."));
        environment()
                .err()
                .println(Texts.safe("It will be " + describe(request.verdict()) + ", by " + request.operator() + "."));
        String answer = terminal.ask("Type yes to do it: ");
        if (answer == null || !answer.strip().equalsIgnoreCase("yes")) {
            throw new RefusedException("it was not confirmed with yes. Nothing was changed");
        }
    }

    private static String standing(IdempotencyRecord record) {
        String state = Texts.lower(record.state().name());
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
        print(
                object,
                out -> out.println(Texts.safe("Done, at version " + version + ": it is " + describe(request.verdict())
                        + ". 'toolgate explain " + Facts.option(request.id().toUuid()) + "' tells the story.")));
        return ToolGateMain.DONE;
    }

    private static String absent() {
        return "there is no record of this key: it was never claimed, or it was purged. Nothing was changed";
    }

    private static RefusedException refused(Refused refused) {
        String what = switch (refused.why()) {
            case ABSENT -> "there is no record of this key any more: the next call runs it";
            case MOVED -> "the record moved since it was looked at: look again with 'toolgate explain'";
            case RUNNING ->
                "attempt " + refused.current().map(IdempotencyRecord::fence).orElse(0L) + " holds a lease until "
                        + refused.current()
                                .map(record -> Times.shown(record.leaseUntil()))
                                .orElse("soon")
                        + " and may still end it: wait until then";
            case FINISHED ->
                "it is "
                        + refused.current()
                                .map(record -> Texts.lower(record.state().name()))
                                .orElse("finished")
                        + " already, and a finished record never changes: 'toolgate retire' lets the next call begin a new one";
            case FREE -> "it is known not to have been executed and is free: the next call runs it";
            case NOT_FINISHED -> "it is not finished, so there is nothing to retire: 'toolgate resolve' ends a doubt";
        };
        return new RefusedException(what + ". Nothing was changed");
    }
}
