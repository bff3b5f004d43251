package io.toolgate;

import com.google.errorprone.annotations.CanIgnoreReturnValue;
import io.toolgate.store.Lease;
import io.toolgate.store.StoreException;
import java.time.Duration;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * One attempt at an action, as its run and its probe see it. Safe for use by many threads; valid until the run returns.
 */
public interface Attempt {
    /** The tenant of the key. */
    String tenant();

    /** The name of the action. */
    String action();

    /** The key, as the caller gave it. */
    String key();

    /**
     * The number of this attempt, which is its fence: 1, 2, 3 …, growing with every claim of the record. A provider that
     * remembers it can refuse whoever comes with an older one.
     */
    long number();

    /**
     * The idempotency key to hand to the provider: a UUID in its usual 36 characters, the same over attempts, processes
     * and restarts, another for every other tenant, action or key, and another once the key was {@linkplain ToolGate#retire
     * retired}.
     */
    String providerKey();

    /**
     * The idempotency key to hand to the provider for one of several effects of a run: a UUID like {@link #providerKey()},
     * another for every {@code step}.
     */
    String providerKey(String step);

    /** What is certainly left of the lease, measured here from before the claim was sent; zero if nothing is. */
    Duration remaining();

    /** Whether this attempt owns the key as far as this process knows, without asking the store. */
    boolean isOwner();

    /**
     * Asks the store whether this attempt still owns the key, and renews its lease. Call it just before an irreversible
     * step: an owner that was frozen past its lease, and replaced, is stopped here. It cannot stop one that is frozen
     * after the check; against that only a provider helps that dedupes on {@link #providerKey()} or refuses an old
     * {@link #number()}.
     *
     * @throws ToolGateException.LeaseLost if the lease is lost
     * @throws StoreException if the store does not answer; do not take the step then. If the run lets it pass, classify it
     *     as {@link Failure#notExecuted} where nothing was done before
     */
    void ensureOwner();

    /**
     * Leaves a durable mark of how far this attempt came: the next attempt and the probe see it, and so does who {@linkplain
     * ToolGate#watch watches}. A mark of the same name takes the place of the one before. Each makes a version of the record;
     * those of several threads are written one after the other.
     *
     * @param name 1 to 255 bytes of UTF-8, beginning neither with {@code step:} nor with {@code toolgate:}
     * @param value at most as many bytes as a result of the action may have
     * @throws IllegalArgumentException if the name or the value is not as above; nothing was left
     * @throws ToolGateException.LeaseLost if somebody else claimed the key meanwhile, or it was resolved; nothing was left
     * @throws StoreException if it is not known whether it was left; leaving it again is safe
     */
    void checkpoint(String name, byte[] value);

    /**
     * The latest mark of this name, whichever attempt of the present record left it; empty if none did. It is told as this
     * attempt found it or left it, without asking the store.
     */
    Optional<byte[]> checkpoint(String name);

    /**
     * Runs {@code step}, unless an attempt before this one, or this one, did already: then gives what that returned. Its result
     * is left as a checkpoint. A step whose attempt dies between its effect and that checkpoint runs again, so hand
     * {@link #providerKey(String)} to its provider. Two threads that ask for one step run it once.
     *
     * @param name of the step in this action, 1 to 200 bytes of UTF-8; a loop must give each round a name of its own
     * @throws IllegalArgumentException if the name is not as above; the step was not run
     * @throws IllegalStateException if a step asks for itself
     * @throws InterruptedException if the thread is interrupted while it waits for another that runs this step
     * @throws ToolGateException.StepUnavailable if the step was done and its result cannot be given; it is not run again
     * @throws ToolGateException.LeaseLost if this attempt does not own the key any more, before the step or after it
     * @throws StoreException if the store fails, before the step or after it
     * @throws Exception what the step throws; it counts as not done then
     */
    @CanIgnoreReturnValue
    <T extends @Nullable Object> T step(String name, ResultCodec<T> codec, Step<T> step) throws Exception;

    /** A part of a run, with an effect of its own. */
    @FunctionalInterface
    interface Step<T extends @Nullable Object> {
        /** Has the effect, and returns its result. */
        T run() throws Exception;
    }

    /**
     * What this attempt shows to the store. For runs that store their result in a transaction of their own, together with
     * their rows, with {@code JdbcIdempotencyStore.completeIn}; the value that such a run returns must be the one it stored.
     * Whoever has it can end the run: keep it to the run.
     */
    Lease lease();
}
