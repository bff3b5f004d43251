package io.toolgate.internal.attempt;

import io.toolgate.Attempt.Step;
import io.toolgate.Outcome;
import io.toolgate.PaidAction;
import io.toolgate.ResultCodec;
import io.toolgate.ResultContext;
import io.toolgate.ToolGateException;
import io.toolgate.internal.base.CheckpointNames;
import io.toolgate.internal.base.Preconditions;
import io.toolgate.internal.base.Redaction;
import io.toolgate.internal.codec.Codecs;
import io.toolgate.internal.codec.RedactedCodec;
import io.toolgate.store.Checkpoint;
import io.toolgate.store.IdempotencyStore;
import io.toolgate.store.Lease;
import io.toolgate.store.Payload;
import io.toolgate.store.Results;
import io.toolgate.store.StoreException;
import io.toolgate.store.TransitionOutcome;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The checkpoints of one attempt: those that it found and those that it writes.
 *
 * <p>Race: several threads of one run write checkpoints at once. The store would apply them in any order, and this view
 * might keep another one as the latest than the store does. So they are written one by one, under a fair lock that is
 * held while the store answers, and for nothing else.
 */
public final class AttemptCheckpoints {
    private static final Logger log = LoggerFactory.getLogger(AttemptCheckpoints.class);

    private static final int MAX_STEP_NAME_BYTES = 200;
    private static final int MAX_WHY_CHARS = 1000;

    /** The codec of a step that is done but whose result could not be encoded; the value is the reason. */
    private static final String UNENCODED = "toolgate:unencoded/1";

    private final IdempotencyStore store;
    private final Lease lease;
    private final int maxBytes;
    private final Redaction redaction;
    private final Runnable onLeaseLost;
    private final ConcurrentHashMap<String, Checkpoint> latest = new ConcurrentHashMap<>();
    private final ConcurrentHashMap<String, ReentrantLock> steps = new ConcurrentHashMap<>();
    private final ConcurrentHashMap<String, Done> doneHere = new ConcurrentHashMap<>();
    private final ReentrantLock writing = new ReentrantLock(true);

    /**
     * A step that this attempt did, whether or not its checkpoint could be written.
     *
     * @param codec the id of the step's codec
     * @param payload what the next attempt is to find
     * @param value the step's result, as the next attempt will be given it; as the step returned it if that one cannot
     *     be given it
     */
    private record Done(
            String codec, Payload payload, @Nullable Object value) {}

    /** Checkpoints that call {@code onLeaseLost} when the store answers that the lease is lost. */
    AttemptCheckpoints(IdempotencyStore store, Lease lease, PaidAction<?, ?> action, Runnable onLeaseLost) {
        this.store = store;
        this.lease = lease;
        this.maxBytes = action.maxResultBytes();
        this.redaction = Redaction.of(action);
        this.onLeaseLost = onLeaseLost;
    }

    /** Restores what earlier attempts left. */
    void restore(List<Checkpoint> found) {
        found.forEach(checkpoint -> latest.put(checkpoint.name(), checkpoint));
    }

    /** Writes a checkpoint of the run. */
    void write(String name, byte[] value) {
        Checkpoint.checkName(name);
        if (!CheckpointNames.isOfRun(name)) {
            throw new IllegalArgumentException("checkpoint name \"" + name + "\" begins with \"" + CheckpointNames.STEP
                    + "\" or \"" + CheckpointNames.RUNTIME
                    + "\", which are reserved for steps and for the runtime; choose another name");
        }
        if (Preconditions.notNull(value, "value").length > maxBytes) {
            throw new IllegalArgumentException("the value of checkpoint \"" + name + "\" has " + value.length
                    + " bytes; the action allows " + maxBytes + " (maxResultBytes)");
        }
        write(name, Payload.of(Codecs.BYTES.id(), value));
    }

    Optional<byte[]> find(String name) {
        Checkpoint checkpoint = latest.get(Preconditions.notNull(name, "name"));
        return checkpoint == null || checkpoint.value().isNull()
                ? Optional.empty()
                : Optional.of(checkpoint.value().bytes());
    }

    /** The runtime's own checkpoint of this name. */
    Optional<Checkpoint> ofRuntime(String name) {
        return Optional.ofNullable(latest.get(name));
    }

    /** Writes a checkpoint of the runtime's own. It is evidence for people: a failure to write it is only logged. */
    void note(String name, String text) {
        boolean interrupted = Thread.interrupted();
        try {
            write(name, Payload.of(Codecs.TEXT.id(), text.getBytes(StandardCharsets.UTF_8)));
        } catch (RuntimeException e) {
            log.warn(
                    "The checkpoint \"{}\" of attempt {} of {} could not be written; the attempt goes on",
                    name,
                    lease.fence(),
                    lease.id(),
                    e);
        } finally {
            if (interrupted) {
                Thread.currentThread().interrupt();
            }
        }
    }

    /**
     * Runs a step unless an attempt of the key has done it; {@code beforeStep} ensures that the attempt still owns its
     * key.
     */
    @SuppressWarnings({"unchecked", "NullAway"}) // The same step with the same codec; null where T allows it.
    <T extends @Nullable Object> T step(String name, ResultCodec<T> given, Step<T> step, Runnable beforeStep)
            throws Exception {
        Preconditions.name(name, "step name");
        ResultCodec<T> codec = RedactedCodec.of(Preconditions.notNull(given, "codec"), redaction);
        Preconditions.notNull(step, "step");
        if (name.getBytes(StandardCharsets.UTF_8).length > MAX_STEP_NAME_BYTES) {
            throw new IllegalArgumentException("step name \"" + name + "\" is longer than " + MAX_STEP_NAME_BYTES
                    + " bytes of UTF-8; use a shorter one");
        }
        // Before the effect: after it, a codec without a valid id would leave the step without a checkpoint.
        String codecId = Preconditions.name(codec.id(), "codec id");
        if (codecId.startsWith(CheckpointNames.RUNTIME)) {
            throw new IllegalArgumentException("codec id \"" + codecId + "\" begins with \"" + CheckpointNames.RUNTIME
                    + "\", which is reserved for the runtime; choose another id");
        }
        // Race: two threads of the run call one step; the second waits, and is given the result of the first.
        ReentrantLock alone = steps.computeIfAbsent(name, none -> new ReentrantLock());
        if (alone.isHeldByCurrentThread()) {
            throw new IllegalStateException(
                    "step \"" + name + "\" calls itself; give the inner step a name of its own");
        }
        alone.lockInterruptibly();
        try {
            Done done = doneHere.get(name);
            if (done == null) {
                Checkpoint before = latest.get(CheckpointNames.STEP + name);
                if (before != null) {
                    return decode(name, codec, codecId, before.value());
                }
                beforeStep.run();
                T value = step.run();
                Payload payload = encode(name, codec, codecId, value);
                done = new Done(codecId, payload, asStored(name, codec, codecId, payload, value));
                doneHere.put(name, done);
            }
            ensureWritten(name, done);
            return done.codec().equals(codecId) ? (T) done.value() : decode(name, codec, codecId, done.payload());
        } finally {
            alone.unlock();
        }
    }

    /**
     * Writes the checkpoint of a step that was done here, unless it is written. Until it is, the step is not run again
     * either.
     */
    private void ensureWritten(String name, Done done) {
        if (!latest.containsKey(CheckpointNames.STEP + name)) {
            // An interrupt must not keep what has happened from being stored.
            boolean interrupted = Thread.interrupted();
            try {
                writeStep(name, done.payload());
            } finally {
                if (interrupted) {
                    Thread.currentThread().interrupt();
                }
            }
        }
    }

    private void writeStep(String name, Payload payload) {
        try {
            write(CheckpointNames.STEP + name, payload);
        } catch (StoreException.Refused e) {
            log.warn(
                    "The store refused the result of step \"{}\"; the step is stored as done, without its result",
                    name,
                    e);
            write(CheckpointNames.STEP + name, unencoded("the store refused it: " + e.getMessage()));
        }
    }

    private static Payload unencoded(String why) {
        String reason = why.substring(0, Math.min(MAX_WHY_CHARS, why.length()));
        return Payload.of(UNENCODED, reason.getBytes(StandardCharsets.UTF_8));
    }

    private <T extends @Nullable Object> Payload encode(String name, ResultCodec<T> codec, String codecId, T value) {
        Payload encoded = Results.encode(codec, codecId, value, ResultContext.ofStep(lease.id(), name), maxBytes);
        // The next attempt must find that the step is done, though it cannot be given the result.
        return encoded.isAvailable() ? encoded : unencoded(encoded.reason().message());
    }

    /**
     * What this attempt is given: the same as the next one, or, rather than to fail a run in its middle, {@code local}.
     */
    private <T extends @Nullable Object> @Nullable Object asStored(
            String name, ResultCodec<T> codec, String codecId, Payload payload, T local) {
        ResultContext context = ResultContext.ofStep(lease.id(), name);
        Outcome<T> outcome = Results.replay(codec, codecId, payload, context, maxBytes);
        return outcome instanceof Outcome.Completed<T> completed ? completed.value() : local;
    }

    private <T extends @Nullable Object> T decode(String name, ResultCodec<T> codec, String codecId, Payload value) {
        if (value.codec().equals(UNENCODED)) {
            throw new ToolGateException.StepUnavailable(name, new String(value.bytes(), StandardCharsets.UTF_8), null);
        }
        ResultContext context = ResultContext.ofStep(lease.id(), name);
        Outcome<T> outcome = Results.replay(codec, codecId, value, context, maxBytes);
        if (outcome instanceof Outcome.Unavailable<T> unavailable) {
            throw new ToolGateException.StepUnavailable(
                    name, unavailable.reason().message(), null);
        }
        return outcome.valueOrThrow();
    }

    private void write(String name, Payload value) {
        writing.lock();
        try {
            TransitionOutcome outcome = store.checkpoint(lease, name, value);
            long version = outcome.fold(
                    TransitionOutcome.Applied::version, TransitionOutcome.AlreadyApplied::version, none -> 0L);
            Instant at = outcome.fold(
                    TransitionOutcome.Applied::at, TransitionOutcome.AlreadyApplied::at, none -> Instant.MIN);
            if (outcome instanceof TransitionOutcome.LeaseLost) {
                onLeaseLost.run();
                throw new ToolGateException.LeaseLost(lease.fence(), "the store refused its checkpoint");
            }
            latest.put(name, new Checkpoint(name, value, lease.fence(), version, at));
        } finally {
            writing.unlock();
        }
    }
}
