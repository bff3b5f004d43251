package io.toolgate;

import com.google.errorprone.annotations.CanIgnoreReturnValue;
import io.toolgate.store.StoreException;
import java.time.Duration;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * One attempt at an action, as its run and its probe see it. Thread-safe; valid until the run or the probe returns.
 */
public interface Attempt {
    /** The tenant of the key. */
    String tenant();

    /** The name of the action. */
    String action();

    /** The key, as the caller gave it. */
    String key();

    /**
     * The number of this attempt, which is its fence: 1, 2, 3 …, growing with every claim of the record. A provider
     * that remembers the highest fence it has seen can refuse a request with a lower one.
     */
    long number();

    /**
     * The idempotency key to send to the provider: a UUID of 36 characters, the same over attempts, processes and
     * restarts, in run and probe, and different for any other tenant, action or key. It changes after the key was
     * {@linkplain ToolGate#retire retired}, and after a failure that {@linkplain Failure#rememberedByProvider() the
     * provider remembers}; never while the effect of an attempt is unknown.
     */
    String providerKey();

    /**
     * The idempotency key to send to the provider for one of several effects of a run: a UUID like
     * {@link #providerKey()}, different for every {@code step}.
     */
    String providerKey(String step);

    /**
     * The time that certainly remains of the lease, measured in this process from before the claim was sent; or zero.
     */
    Duration remaining();

    /** Whether this attempt still owns the key as far as this process knows, without a read of the store. */
    boolean isOwner();

    /**
     * Verifies with the store that this attempt still owns the key, and renews its lease. Call it just before an
     * irreversible step: it stops an owner that was frozen past its lease and then replaced. It cannot stop an owner
     * that is frozen after the check; only a provider that dedupes on {@link #providerKey()}, or refuses an old
     * {@link #number()}, closes that window.
     *
     * @throws ToolGateException.LeaseLost if the lease is lost
     * @throws StoreException if the store does not answer: do not take the step. A run that lets this exception pass
     *     should classify it as {@link Failure#notExecuted} if it has had no effect so far
     */
    void ensureOwner();

    /**
     * Writes a durable checkpoint: progress of this attempt that the next attempt, the probe and
     * {@linkplain ToolGate#watch watchers} can read. A checkpoint replaces an earlier one of the same name. Each
     * creates a version of the record; concurrent writes are serialised.
     *
     * @param name 1 to 255 bytes of UTF-8, starting neither with {@code step:} nor with {@code toolgate:}
     * @param value at most {@link PaidAction#maxResultBytes()} bytes
     * @throws IllegalArgumentException if name or value is not as above; nothing was written
     * @throws ToolGateException.LeaseLost if another attempt claimed the key, or the record was resolved; nothing was
     *     written
     * @throws StoreException if it is unknown whether the checkpoint was written; writing it again is safe
     */
    void checkpoint(String name, byte[] value);

    /**
     * Returns the latest checkpoint of this name, by whichever attempt of the present record; empty if there is none.
     * It is the value that this attempt found when it began or has written itself, without a read of the store.
     */
    Optional<byte[]> checkpoint(String name);

    /**
     * Runs {@code step} once per record: if this or an earlier attempt has completed it, its stored result is returned
     * instead. The result is stored as a checkpoint. A step whose attempt dies between the effect and that checkpoint
     * runs again, so send {@link #providerKey(String)} to its provider. If two threads call the same step, it runs once
     * and both get its result.
     *
     * @param name the name of the step within this action, 1 to 200 bytes of UTF-8; a loop must use a different name
     *     per iteration
     * @throws IllegalArgumentException if the name is not as above; the step was not run
     * @throws IllegalStateException if a step calls itself
     * @throws InterruptedException if the thread is interrupted while another thread runs this step
     * @throws ToolGateException.StepUnavailable if the step was completed but its result cannot be read; it is not run
     *     again
     * @throws ToolGateException.LeaseLost if this attempt no longer owns the key, before the step or after it
     * @throws StoreException if the store fails, before the step or after it
     * @throws Exception the step's own exception; the step counts as not completed
     */
    @CanIgnoreReturnValue
    <T extends @Nullable Object> T step(String name, ResultCodec<T> codec, Step<T> step) throws Exception;

    /** A part of a run, with an effect of its own. */
    @FunctionalInterface
    interface Step<T extends @Nullable Object> {
        /** Performs the effect and returns its result. */
        T run() throws Exception;
    }

    /**
     * Returns the input of this key, as the first claim of its life stored it, if the action {@linkplain
     * PaidAction.Builder#remembering remembers} it; empty if it does not, if the input is null, or if the record was
     * claimed when the action did not remember it yet. For a probe, which is given no input; a run may prefer its own.
     *
     * <pre>{@code
     * Recovery.probe(attempt -> payments.find(attempt.input(Order.class).orElseThrow().number()))
     * }</pre>
     *
     * @throws ToolGateException.InputUnavailable if it cannot be decoded, or is no {@code type}
     */
    <T> Optional<T> input(Class<T> type);

    /**
     * Stores {@code value} as the result inside the open transaction of {@code connection}, so that it commits together
     * with rows that the run, or the probe, has written there, or not at all. Writes the rows that the action
     * {@linkplain PaidAction.Builder#storing declares} too. The transaction is neither committed nor rolled back here.
     *
     * <pre>{@code
     * .run((order, attempt) -> {
     *     Receipt receipt = payments.charge(order, attempt.providerKey());
     *     return jdbi.inTransaction(handle -> {
     *         orders.markPaid(handle, order, receipt);
     *         return attempt.completeIn(handle, receipt);
     *     });
     * })
     * }</pre>
     *
     * <p>Commit before the run returns, make it the last thing that the run does, and return the value: after an
     * exception roll back and let it pass. A result whose transaction did not commit is not stored when the run
     * returns, and the call ends with {@link ToolGateException.ResultNotStored}.
     *
     * <p>A crash between the effect and the commit leaves neither; a probe then has to write the rows too. Rows that
     * can be written from the result alone are better declared once, by {@link PaidAction.Builder#storing}.
     *
     * @param connection a connection of the store's kind to its database, with a transaction open; {@code Connection}
     *     or {@code Handle} for the JDBC store
     * @return {@code value}
     * @throws ToolGateException.LeaseLost if this attempt no longer owns the key: roll back
     * @throws StoreException.Misconfigured if the store cannot use {@code connection}; nothing was written
     * @throws StoreException if the store fails, or the declared rows do: roll back
     */
    @CanIgnoreReturnValue
    <T extends @Nullable Object> T completeIn(Object connection, T value);
}
