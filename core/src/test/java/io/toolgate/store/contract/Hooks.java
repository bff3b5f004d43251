package io.toolgate.store.contract;

import com.google.errorprone.annotations.CanIgnoreReturnValue;
import io.toolgate.store.ClaimOutcome;
import io.toolgate.store.ClaimRequest;
import io.toolgate.store.Lease;
import io.toolgate.store.StoreException;
import io.toolgate.store.TransitionOutcome;
import io.toolgate.store.contract.ModelStore.Operation;
import java.util.Collection;
import java.util.EnumMap;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.BiConsumer;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Hooks of one {@link ModelStore} that run before and after its operations, on the caller's thread and outside every
 * lock: a hook may block on a latch, call the store itself, or throw. Thrown before, the operation did not happen;
 * thrown after, it did, and its acknowledgement is lost.
 *
 * <p>One hook before and one after each operation; setting another replaces it, and null removes it. Calls are counted
 * when they arrive, including those that a hook ends.
 */
public final class Hooks {
    private final Map<Operation, AtomicInteger> calls = new EnumMap<>(Operation.class);
    private final Map<Operation, @Nullable Consumer<Object>> before = new EnumMap<>(Operation.class);
    private final Map<Operation, @Nullable BiConsumer<Object, Object>> after = new EnumMap<>(Operation.class);
    private final AtomicLong total = new AtomicLong();
    private volatile boolean outage;

    Hooks() {
        for (Operation operation : Operation.values()) {
            calls.put(operation, new AtomicInteger());
        }
    }

    /** How often {@code operation} was called. */
    public int calls(Operation operation) {
        return counter(operation).get();
    }

    /** How often any operation was called. */
    public long calls() {
        return total.get();
    }

    /**
     * Starts or ends an outage: while it lasts, every operation throws {@link StoreException.Unavailable}, unexecuted.
     */
    @CanIgnoreReturnValue
    public Hooks outage(boolean on) {
        this.outage = on;
        return this;
    }

    /** Runs {@code hook} with the operation's first argument before each {@code operation}. */
    @CanIgnoreReturnValue
    public synchronized Hooks before(Operation operation, @Nullable Consumer<Object> hook) {
        before.put(operation, hook);
        return this;
    }

    /** Runs {@code hook} with the operation's first argument and its answer after each {@code operation}. */
    @CanIgnoreReturnValue
    public synchronized Hooks after(Operation operation, @Nullable BiConsumer<Object, Object> hook) {
        after.put(operation, hook);
        return this;
    }

    /** Lets the next {@code times} of {@code operation} throw, without happening. */
    @CanIgnoreReturnValue
    public Hooks failNext(Operation operation, int times, Supplier<? extends RuntimeException> failure) {
        AtomicInteger left = new AtomicInteger(times);
        return before(operation, argument -> throwWhile(left, failure));
    }

    /** Lets the next {@code times} of {@code operation} be unavailable, without happening. */
    @CanIgnoreReturnValue
    public Hooks failNext(Operation operation, int times) {
        return failNext(operation, times, () -> new StoreException.Unavailable(operation + " fails on purpose", null));
    }

    /** Lets the next {@code times} of {@code operation} happen and then throw, as if the answer were lost. */
    @CanIgnoreReturnValue
    public Hooks loseAnswer(Operation operation, int times) {
        AtomicInteger left = new AtomicInteger(times);
        return after(
                operation,
                (argument, answer) -> throwWhile(
                        left,
                        () -> new StoreException.Unavailable(
                                "the answer to " + operation + " is lost on purpose", null)));
    }

    /** Runs {@code hook} before each claim. */
    @CanIgnoreReturnValue
    public Hooks beforeClaim(Consumer<ClaimRequest> hook) {
        return before(Operation.CLAIM, request -> hook.accept((ClaimRequest) request));
    }

    /** Runs {@code hook} after each claim; throwing there loses its acknowledgement. */
    @CanIgnoreReturnValue
    public Hooks afterClaim(BiConsumer<ClaimRequest, ClaimOutcome> hook) {
        return after(Operation.CLAIM, (request, answer) -> hook.accept((ClaimRequest) request, (ClaimOutcome) answer));
    }

    /** Runs {@code hook} before each round of heartbeats. */
    @CanIgnoreReturnValue
    @SuppressWarnings("unchecked")
    public Hooks beforeHeartbeat(Consumer<Collection<Lease>> hook) {
        return before(Operation.HEARTBEAT, leases -> hook.accept((Collection<Lease>) leases));
    }

    /** Runs {@code hook} after each round of heartbeats, with those that still own. */
    @CanIgnoreReturnValue
    @SuppressWarnings("unchecked")
    public Hooks afterHeartbeat(BiConsumer<Collection<Lease>, Set<Lease>> hook) {
        return after(
                Operation.HEARTBEAT, (leases, owned) -> hook.accept((Collection<Lease>) leases, (Set<Lease>) owned));
    }

    /** Runs {@code hook} before each completion. */
    @CanIgnoreReturnValue
    public Hooks beforeComplete(Consumer<Lease> hook) {
        return before(Operation.COMPLETE, lease -> hook.accept((Lease) lease));
    }

    /** Runs {@code hook} after each completion; throwing there loses its acknowledgement. */
    @CanIgnoreReturnValue
    public Hooks afterComplete(BiConsumer<Lease, TransitionOutcome> hook) {
        return after(Operation.COMPLETE, (lease, answer) -> hook.accept((Lease) lease, (TransitionOutcome) answer));
    }

    /** Runs {@code hook} before each {@link ModelStore#fail failure}. */
    @CanIgnoreReturnValue
    public Hooks beforeFail(Consumer<Lease> hook) {
        return before(Operation.FAIL, lease -> hook.accept((Lease) lease));
    }

    /** Runs {@code hook} after each {@link ModelStore#fail failure}. */
    @CanIgnoreReturnValue
    public Hooks afterFail(BiConsumer<Lease, TransitionOutcome> hook) {
        return after(Operation.FAIL, (lease, answer) -> hook.accept((Lease) lease, (TransitionOutcome) answer));
    }

    /** Removes every hook and ends an outage; the counts stay. */
    @CanIgnoreReturnValue
    public synchronized Hooks clear() {
        before.clear();
        after.clear();
        outage = false;
        return this;
    }

    void enter(Operation operation, Object argument) {
        counter(operation).incrementAndGet();
        total.incrementAndGet();
        if (outage) {
            throw new StoreException.Unavailable("there is an outage on purpose", null);
        }
        Consumer<Object> hook;
        synchronized (this) {
            hook = before.get(operation);
        }
        if (hook != null) {
            hook.accept(argument);
        }
    }

    void leave(Operation operation, Object argument, Object answer) {
        BiConsumer<Object, Object> hook;
        synchronized (this) {
            hook = after.get(operation);
        }
        if (hook != null) {
            hook.accept(argument, answer);
        }
    }

    private AtomicInteger counter(Operation operation) {
        return Objects.requireNonNull(calls.get(operation));
    }

    private static void throwWhile(AtomicInteger left, Supplier<? extends RuntimeException> failure) {
        if (left.getAndUpdate(n -> Math.max(0, n - 1)) > 0) {
            throw failure.get();
        }
    }
}
