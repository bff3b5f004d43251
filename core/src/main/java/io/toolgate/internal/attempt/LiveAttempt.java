package io.toolgate.internal.attempt;

import io.toolgate.Attempt;
import io.toolgate.PaidAction;
import io.toolgate.ResultCodec;
import io.toolgate.ToolGateException;
import io.toolgate.internal.base.Preconditions;
import io.toolgate.store.IdempotencyStore;
import io.toolgate.store.KeyHistory;
import io.toolgate.store.Lease;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicBoolean;
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
    private final PaidAction<?, ?> action;
    private final long startedNanos;
    private final AttemptCheckpoints checkpoints;
    private final AtomicBoolean lost;

    // Written once, before the run or the probe sees this attempt.
    private volatile long retiredFence;

    // Written by the thread that renewed last, read by the run. A stale value is a shorter lease: safe.
    private volatile long leaseEndNanos;
    private volatile boolean completing;

    LiveAttempt(IdempotencyStore store, Lease lease, PaidAction<?, ?> action, long sentNanos) {
        this.store = store;
        this.lease = lease;
        this.action = action;
        this.startedNanos = sentNanos;
        this.leaseEndNanos = sentNanos + action.lease().toNanos();
        AtomicBoolean leaseLost = new AtomicBoolean();
        this.lost = leaseLost;
        this.checkpoints = new AttemptCheckpoints(store, lease, action.maxResultBytes(), () -> leaseLost.set(true));
    }

    /** Restores what earlier attempts of the key left. */
    void restore(KeyHistory history) {
        retiredFence = history.retiredFence();
        checkpoints.restore(history.checkpoints());
    }

    /** The number of this attempt in the present life of the key: 1, 2, 3 … */
    long numberInLife() {
        return lease.fence() - retiredFence;
    }

    AttemptCheckpoints checkpoints() {
        return checkpoints;
    }

    @Override
    public Lease lease() {
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
        }
    }

    void markLost() {
        lost.set(true);
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

    /** Renews the lease now. Returns whether it is still owned. */
    boolean renew() {
        long sent = System.nanoTime();
        boolean owned = store.heartbeat(List.of(lease), action.lease()).contains(lease);
        if (owned) {
            renewed(sent);
        } else {
            markLost();
        }
        return owned;
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
        return lease.id().providerKey(retiredFence, "").toString();
    }

    @Override
    public String providerKey(String step) {
        Preconditions.name(step, "step");
        return lease.id().providerKey(retiredFence, step).toString();
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

    @Override
    public Duration remaining() {
        long left = leaseEndNanos - System.nanoTime();
        return lost.get() || left <= 0 ? Duration.ZERO : Duration.ofNanos(left);
    }

    @Override
    public boolean isOwner() {
        return !remaining().isZero();
    }

    @Override
    public void ensureOwner() {
        if (lost.get() || !renew()) {
            throw new ToolGateException.LeaseLost(number());
        }
    }

    @Override
    public String toString() {
        return "Attempt[" + number() + " of " + lease.id() + "]";
    }
}
