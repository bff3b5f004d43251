package io.toolgate.internal.attempt;

import io.toolgate.Attempt.Step;
import io.toolgate.Outcome;
import io.toolgate.ResultCodec;
import io.toolgate.ResultContext;
import io.toolgate.ToolGateException;
import io.toolgate.internal.base.CheckpointNames;
import io.toolgate.internal.base.Preconditions;
import io.toolgate.internal.codec.Codecs;
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
 * The checkpoints of one attempt: those it found, and those it leaves.
 *
 * <p>Race: several threads of one run leave marks at once. They are written one after the other, under a fair lock that is
 * held while the store answers: the store would take them in any order, and this view would then keep another one as the
 * latest than the store does. Nothing else is ever done under that lock.
 */
public final class AttemptCheckpoints {
    private static final Logger log = LoggerFactory.getLogger(AttemptCheckpoints.class);

    private static final int MAX_STEP_NAME_BYTES = 200;
    private static final int MAX_WHY_CHARS = 1000;

    /** Stands for the codec of a step that is done and whose result could not be encoded; the value says why. */
    private static final String UNENCODED = "toolgate:unencoded/1";

    private final IdempotencyStore store;
    private final Lease lease;
    private final int maxBytes;
    private final Runnable lost;
    private final ConcurrentHashMap<String, Checkpoint> latest = new ConcurrentHashMap<>();
    private final ConcurrentHashMap<String, ReentrantLock> steps = new ConcurrentHashMap<>();
    private final ConcurrentHashMap<String, Done> doneHere = new ConcurrentHashMap<>();
    private final ReentrantLock writing = new ReentrantLock(true);

    /**
     * A step that this attempt did, whether or not its mark could be written: in this process it is known to be done.
     *
     * @param codec the id of the step's codec
     * @param mark what the next attempt is to find
     * @param value what the step returned
     */
    private record Done(
            String codec, Payload mark, @Nullable Object value) {}

    /** Marks that call {@code lost} when the store says that the lease is lost. */
    AttemptCheckpoints(IdempotencyStore store, Lease lease, int maxBytes, Runnable lost) {
        this.store = store;
        this.lease = lease;
        this.maxBytes = maxBytes;
        this.lost = lost;
    }

    /** Takes in what earlier attempts left. */
    void recall(List<Checkpoint> found) {
        found.forEach(mark -> latest.put(mark.name(), mark));
    }

    void leave(String name, byte[] value) {
        Checkpoint.checkName(name);
        if (!CheckpointNames.isOfRun(name)) {
            throw new IllegalArgumentException("checkpoint name \"" + name + "\" begins with \"" + CheckpointNames.STEP
                    + "\" or \"" + CheckpointNames.RUNTIME
                    + "\", which are kept for steps and for the runtime; choose another");
        }
        if (Preconditions.notNull(value, "value").length > maxBytes) {
            throw new IllegalArgumentException("the value of checkpoint \"" + name + "\" has " + value.length
                    + " bytes; the action allows " + maxBytes + " (maxResultBytes)");
        }
        write(name, Payload.of(Codecs.BYTES.id(), value));
    }

    Optional<byte[]> find(String name) {
        Checkpoint mark = latest.get(Preconditions.notNull(name, "name"));
        return mark == null || mark.value().isNull()
                ? Optional.empty()
                : Optional.of(mark.value().bytes());
    }

    /** The runtime's own mark of this name. */
    Optional<Checkpoint> own(String name) {
        return Optional.ofNullable(latest.get(CheckpointNames.RUNTIME + name));
    }

    /** Leaves a mark of the runtime's own: evidence for people, so that what goes wrong with it stops nobody. */
    void note(String name, String text) {
        boolean interrupted = Thread.interrupted();
        try {
            write(CheckpointNames.RUNTIME + name, Payload.of(Codecs.TEXT.id(), text.getBytes(StandardCharsets.UTF_8)));
        } catch (RuntimeException e) {
            log.warn("The note \"{}\" of attempt {} of {} could not be left", name, lease.fence(), lease.id(), e);
        } finally {
            if (interrupted) {
                Thread.currentThread().interrupt();
            }
        }
    }

    /** Runs a step that nobody has done; {@code beforeStep} makes sure that the attempt owns its key still. */
    @SuppressWarnings({"unchecked", "NullAway"}) // Of the same step, by the same codec; null where T has it.
    <T extends @Nullable Object> T step(String name, ResultCodec<T> codec, Step<T> step, Runnable beforeStep)
            throws Exception {
        Preconditions.name(name, "step name");
        Preconditions.notNull(codec, "codec");
        Preconditions.notNull(step, "step");
        if (name.getBytes(StandardCharsets.UTF_8).length > MAX_STEP_NAME_BYTES) {
            throw new IllegalArgumentException("step name \"" + name + "\" is longer than " + MAX_STEP_NAME_BYTES
                    + " bytes of UTF-8; use a shorter one");
        }
        // Before the effect: after it, a codec that cannot say its name would leave the step undone.
        String codecId = Preconditions.name(codec.id(), "codec id");
        if (codecId.startsWith(CheckpointNames.RUNTIME)) {
            throw new IllegalArgumentException("codec id \"" + codecId + "\" begins with \"" + CheckpointNames.RUNTIME
                    + "\", which is kept for the runtime; choose another");
        }
        // Race: two threads of the run ask for one step; the second waits, and is given the first one's result.
        ReentrantLock alone = steps.computeIfAbsent(name, none -> new ReentrantLock());
        if (alone.isHeldByCurrentThread()) {
            throw new IllegalStateException(
                    "step \"" + name + "\" asks for itself while it runs; give the inner step a name of its own");
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
                done = new Done(codecId, encode(name, codec, codecId, value), value);
                doneHere.put(name, done);
            }
            finish(name, done);
            return done.codec().equals(codecId) ? (T) done.value() : decode(name, codec, codecId, done.mark());
        } finally {
            alone.unlock();
        }
    }

    /** Writes the mark of a step that was done here, unless it is written. Until it is, the step is not run again either. */
    private void finish(String name, Done done) {
        if (!latest.containsKey(CheckpointNames.STEP + name)) {
            // As with the end of a run, an interrupt must not keep what has happened from being stored.
            boolean interrupted = Thread.interrupted();
            try {
                writeDone(name, done.mark());
            } finally {
                if (interrupted) {
                    Thread.currentThread().interrupt();
                }
            }
        }
    }

    private void writeDone(String name, Payload mark) {
        try {
            write(CheckpointNames.STEP + name, mark);
        } catch (StoreException.Refused e) {
            log.warn("The store refused the result of step \"{}\"; that it is done is stored without it", name, e);
            write(CheckpointNames.STEP + name, unencoded("the store refused it: " + e.getMessage()));
        }
    }

    private static Payload unencoded(String why) {
        String shown = why.substring(0, Math.min(MAX_WHY_CHARS, why.length()));
        return Payload.of(UNENCODED, shown.getBytes(StandardCharsets.UTF_8));
    }

    private <T extends @Nullable Object> Payload encode(String name, ResultCodec<T> codec, String codecId, T value) {
        Payload encoded = Results.encode(codec, codecId, value, ResultContext.ofStep(lease.id(), name), maxBytes);
        // The step is done: the next attempt must find that, though it cannot be given the result.
        return encoded.isAvailable() ? encoded : unencoded(encoded.reason().message());
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
                lost.run();
                throw new ToolGateException.LeaseLost(lease.fence());
            }
            latest.put(name, new Checkpoint(name, value, lease.fence(), version, at));
        } finally {
            writing.unlock();
        }
    }
}
