package io.toolgate.store.jdbc;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import io.toolgate.store.ForwardingStore;
import io.toolgate.store.IdempotencyStore;
import io.toolgate.store.StoreException;
import io.toolgate.store.jdbc.internal.transaction.CallerTransactions;
import java.time.Duration;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.LongSupplier;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A {@link JdbcIdempotencyStore} that is opened by its first call, with all the checks of opening; see
 * {@link JdbcIdempotencyStore.Builder#lazily()}. Until the database is there and passes them, each call fails with what
 * opening fails with: {@link StoreException.Unavailable}, so that nothing was written and the caller may try again, or
 * {@link StoreException.Misconfigured}, or {@link StoreException.Corrupt}. It is then tried again, once a second at
 * most, by whichever call comes; other calls do not wait for more than one try. Safe for use by many threads.
 */
public final class LazyJdbcIdempotencyStore extends ForwardingStore {
    private static final Logger log = LoggerFactory.getLogger(LazyJdbcIdempotencyStore.class);
    private static final Duration PAUSE = Duration.ofSeconds(1);

    private final Supplier<JdbcIdempotencyStore> opener;
    private final LongSupplier nanoTime;
    private final ReentrantLock opening = new ReentrantLock();
    private volatile @Nullable JdbcIdempotencyStore opened;

    @GuardedBy("opening")
    private @Nullable StoreException failure;

    @GuardedBy("opening")
    private long failedNanos;

    @GuardedBy("opening")
    private boolean closed;

    LazyJdbcIdempotencyStore(Supplier<JdbcIdempotencyStore> opener, LongSupplier nanoTime) {
        this.opener = opener;
        this.nanoTime = nanoTime;
    }

    /**
     * The store itself, for what only it offers, such as {@code runInTransaction}; opened if it is not yet.
     *
     * @throws StoreException.Unavailable if the database cannot be reached
     * @throws StoreException.Misconfigured if there is no store there that could be used
     * @throws StoreException.Closed if this store is closed
     */
    public JdbcIdempotencyStore store() {
        JdbcIdempotencyStore store = opened;
        return store == null ? open() : store;
    }

    @Override
    protected IdempotencyStore target() {
        return store();
    }

    /** As of the store that will be opened, without opening it. */
    @Override
    public boolean offers(Class<?> connection) {
        return CallerTransactions.offers(Arguments.notNull(connection, "connection"));
    }

    private JdbcIdempotencyStore open() {
        opening.lock();
        try {
            // Race: another call has opened it, has just failed to, or has closed it, while this one waited.
            JdbcIdempotencyStore store = opened;
            if (store != null) {
                return store;
            }
            if (closed) {
                throw new StoreException.Closed("The store was closed before it was opened");
            }
            if (failure != null && nanoTime.getAsLong() - failedNanos < PAUSE.toNanos()) {
                throw repeated(failure);
            }
            return tryToOpen();
        } finally {
            opening.unlock();
        }
    }

    @GuardedBy("opening")
    private JdbcIdempotencyStore tryToOpen() {
        try {
            JdbcIdempotencyStore store = opener.get();
            if (failure != null) {
                log.info("The store is open now, after it could not be");
            }
            failure = null;
            opened = store;
            return store;
        } catch (StoreException e) {
            if (failure == null) {
                log.warn("The store cannot be opened yet; calls fail, and try again, until it can: {}", e.getMessage());
            }
            failure = e;
            failedNanos = nanoTime.getAsLong();
            throw e;
        }
    }

    /** With the stack of this call: an exception that is thrown twice shows where it was thrown first. */
    private static StoreException repeated(StoreException failure) {
        String message = String.valueOf(failure.getMessage());
        if (failure instanceof StoreException.Misconfigured) {
            return new StoreException.Misconfigured(message, failure);
        }
        return failure instanceof StoreException.Corrupt
                ? new StoreException.Corrupt(message, failure)
                : new StoreException.Unavailable(message, failure);
    }

    /** Closes the store if it was opened; calls are refused from now on. */
    @Override
    public void close() {
        opening.lock();
        try {
            closed = true;
        } finally {
            opening.unlock();
        }
        // Race: a call opens it meanwhile. It holds the lock until it is done, and after that none begins.
        JdbcIdempotencyStore store = opened;
        if (store != null) {
            store.close();
        }
    }
}
