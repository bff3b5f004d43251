package io.toolgate.internal.attempt;

import io.toolgate.Attempt;
import io.toolgate.Completion.By;
import io.toolgate.PaidAction;
import io.toolgate.ResultCodec;
import io.toolgate.ToolGateException;
import io.toolgate.internal.base.Preconditions;
import io.toolgate.store.Checkpoint;
import io.toolgate.store.IdempotencyStore;
import io.toolgate.store.Lease;
import io.toolgate.store.Payload;
import io.toolgate.store.RecordNumbers;
import io.toolgate.store.Rows;
import io.toolgate.store.StoreException;
import io.toolgate.store.TransitionOutcome;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;

/**
 * An attempt of this process and its lease, as its action sees them.
 *
 * <p>The lease is measured from {@link System#nanoTime()} before the claim or heartbeat was sent: however long the
 * round trip took, the store's lease ends no earlier than this one.
 */
public final class LiveAttempt implements Attempt {
    private final IdempotencyStore store;
    private final Lease lease;
    private final RecordNumbers numbers;
    private final PaidAction<?, ?> action;
    private final long startedNanos;
    private final @Nullable Payload sentInput;
    private final AttemptCheckpoints checkpoints;

    /** Why the lease is lost; null while it is not known to be. */
    private final AtomicReference<@Nullable String> lost = new AtomicReference<>();

    // Written by the thread that renewed last, read by the run. A stale value is a shorter lease: safe.
    private volatile long leaseEndNanos;
    private volatile boolean completing;

    // The heartbeat's threads only; a stale value costs another log line or another read.
    private volatile boolean toldLate;
    private volatile boolean examined;

    /** Who gives the result: the run, or the probe that comes before it. */
    private volatile By by = By.RUN;

    private volatile @Nullable Written written;

    /**
     * What the run, or the probe, wrote in a transaction of its own, which may still be open, or be rolled back.
     *
     * @param rows the declared rows of that result; null if the action declares none
     */
    record Written(Payload result, @Nullable Rows<?> rows) {}

    /**
     * An attempt.
     *
     * @param sentInput the input that its claim carried; null for none
     * @param sentNanos when its claim was sent
     */
    LiveAttempt(
            IdempotencyStore store,
            Lease lease,
            RecordNumbers numbers,
            PaidAction<?, ?> action,
            @Nullable Payload sentInput,
            long sentNanos) {
        this.store = store;
        this.lease = lease;
        this.numbers = numbers;
        this.action = action;
        this.sentInput = sentInput;
        this.startedNanos = sentNanos;
        this.leaseEndNanos = sentNanos + action.lease().toNanos();
        this.checkpoints =
                new AttemptCheckpoints(store, lease, action, () -> markLost("the store refused its checkpoint"));
    }

    /** The record's numbers, as the claim left them. */
    RecordNumbers numbers() {
        return numbers;
    }

    AttemptCheckpoints checkpoints() {
        return checkpoints;
    }

    Lease lease() {
        return lease;
    }

    PaidAction<?, ?> definition() {
        return action;
    }

    long startedNanos() {
        return startedNanos;
    }

    /** The store renewed the lease in answer to a request sent at {@code sentNanos}. */
    void renewed(long sentNanos) {
        long end = sentNanos + action.lease().toNanos();
        if (end - leaseEndNanos > 0) {
            leaseEndNanos = end;
            toldLate = false;
        }
    }

    /** How long ago the latest claim or heartbeat was sent that the store has confirmed, at {@code now}. */
    long unconfirmedNanos(long now) {
        return now - (leaseEndNanos - action.lease().toNanos());
    }

    /** Whether it was told already that its heartbeat is late; from now on it was. */
    boolean tellLate() {
        boolean before = toldLate;
        toldLate = true;
        return before;
    }

    /** Begins to read what became of its record. Returns whether that is not under way already. */
    boolean beginExamination() {
        boolean begins = !examined;
        examined = true;
        return begins;
    }

    void endExamination() {
        examined = false;
    }

    /** Notes that the lease is lost, and why. The first reason counts. */
    void markLost(String why) {
        lost.compareAndSet(null, why);
    }

    /**
     * Notes that the completion is about to be sent. Race: a heartbeat on its way meets the completed record and is
     * answered that the lease is not live. This flag was set before, so that the answer is not taken for a lost lease.
     */
    void markCompleting() {
        completing = true;
    }

    boolean isCompleting() {
        return completing;
    }

    By by() {
        return by;
    }

    /** From now on {@code giver} gives the result. */
    void givenBy(By giver) {
        by = giver;
    }

    /** What was {@linkplain #completeIn written} in a transaction of the run or the probe; null if nothing was. */
    @Nullable
    Written written() {
        return written;
    }

    /**
     * Renews the lease now. Returns whether it is still owned.
     *
     * @throws StoreException if that cannot be said: the store does not answer, or the record is locked
     */
    boolean renew() {
        long sent = System.nanoTime();
        if (store.heartbeat(List.of(lease), action.lease()).contains(lease)) {
            renewed(sent);
            return true;
        }
        String why = LostLease.why(lease, store.peek(lease.id()).orElse(null));
        if (why == null) {
            throw new StoreException.Unavailable(
                    "The lease of " + lease.id() + " could not be renewed, though its record is still that of attempt "
                            + lease.fence() + ": another transaction keeps the record locked",
                    null);
        }
        markLost(why);
        return false;
    }

    @Override
    public String tenant() {
        return lease.id().tenant();
    }

    @Override
    public String action() {
        return lease.id().action();
    }

    @Override
    public String key() {
        return lease.id().key();
    }

    @Override
    public long number() {
        return lease.fence();
    }

    @Override
    public String providerKey() {
        return lease.id().providerKey(numbers.providerKey(), "").toString();
    }

    @Override
    public String providerKey(String step) {
        Preconditions.name(step, "step");
        return lease.id().providerKey(numbers.providerKey(), step).toString();
    }

    @Override
    public void checkpoint(String name, byte[] value) {
        checkpoints.write(name, value);
    }

    @Override
    public Optional<byte[]> checkpoint(String name) {
        return checkpoints.find(name);
    }

    @Override
    public <T extends @Nullable Object> T step(String name, ResultCodec<T> codec, Step<T> step) throws Exception {
        return checkpoints.step(name, codec, step, this::ensureOwnerIfUncertain);
    }

    /** A lease that is certainly live cannot have been taken over, so that the store need not be asked. */
    private void ensureOwnerIfUncertain() {
        if (!isOwner()) {
            ensureOwner();
        }
    }

    /**
     * The input as the record holds it, which an earlier claim may have stored; null if there is none, or the action
     * does not remember its inputs.
     */
    @Nullable
    Payload storedInput() {
        return action.inputCodec().isEmpty()
                ? null
                : checkpoints.ofRuntime(Checkpoint.INPUT).map(Checkpoint::value).orElse(sentInput);
    }

    @Override
    public <T> Optional<T> input(Class<T> type) {
        Preconditions.notNull(type, "type");
        Payload stored = storedInput();
        Object input = stored == null ? null : RememberedInput.decode(action, lease.id(), stored);
        if (input != null && !type.isInstance(input)) {
            throw new ToolGateException.InputUnavailable(
                    lease.id(),
                    "it is a " + input.getClass().getName() + ", and a " + type.getName() + " was asked for");
        }
        return Optional.ofNullable(type.cast(input));
    }

    @Override
    public Duration remaining() {
        long left = leaseEndNanos - System.nanoTime();
        return lost.get() != null || left <= 0 ? Duration.ZERO : Duration.ofNanos(left);
    }

    @Override
    public boolean isOwner() {
        return !remaining().isZero();
    }

    @Override
    public void ensureOwner() {
        if (lost.get() != null || !renew()) {
            throw new ToolGateException.LeaseLost(number(), String.valueOf(lost.get()));
        }
    }

    @Override
    @SuppressWarnings("unchecked") // The value of another type than the action's is refused by the action's codec.
    public <T extends @Nullable Object> T completeIn(Object connection, T value) {
        Preconditions.notNull(connection, "connection");
        PaidAction<?, T> typed = (PaidAction<?, T>) action;
        Payload result = OutcomeMapper.encode(typed, lease.id(), value);
        Rows<?> rows = DeclaredRows.of(typed, lease.id(), number(), storedInput(), value, by);
        written = new Written(result, rows);
        if (store.completeIn(connection, lease, result, rows) instanceof TransitionOutcome.LeaseLost) {
            throw new ToolGateException.LeaseLost(number(), "the store refused its result");
        }
        return value;
    }

    @Override
    public String toString() {
        return "Attempt[" + number() + " of " + lease.id() + "]";
    }
}
