package io.toolgate.store.jdbc.internal.sql;

import io.toolgate.store.StoreException;
import io.toolgate.store.jdbc.internal.error.PostgresCause;
import io.toolgate.store.jdbc.internal.error.SafeSqlException;
import io.toolgate.store.jdbc.internal.error.SqlErrorKind;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Supplier;
import org.jdbi.v3.core.ConnectionException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A bounded retry loop with backoff: runs an operation until it has an answer, fails for good, or its time budget is
 * used up.
 *
 * <p>Every operation of the store may be repeated: a claim, a completion and a failure are recognised by their token
 * (rule 14 of SPEC.md), the others may simply happen twice. So a statement that was certainly rolled back and one whose
 * commit is unknown are retried alike; only the message of the final exception tells them apart.
 *
 * <p>Each try takes a connection of its own, and none is held during a pause.
 */
public final class RetryLoop {
    private static final Logger log = LoggerFactory.getLogger(RetryLoop.class);
    private static final Duration FIRST_PAUSE = Duration.ofMillis(5);
    private static final Duration LONGEST_PAUSE = Duration.ofMillis(155);

    /** So many lost races in a row are retried without a pause: another writer moved the record, which is progress. */
    private static final int IMMEDIATE_RETRIES = 3;

    private static final int KEPT_CAUSES = 8;

    /** Nothing keeps an exception of a driver or a pool from being its own cause, some steps on. */
    private static final int DEEPEST_CAUSE = 100;

    private final Dialect dialect;
    private final Duration budget;
    private final InFlightCalls calls;

    /** Reaction to an interrupt of the calling thread. */
    public enum OnInterrupt {
        /** Stop between two tries: nothing is lost if the caller does not get an answer. */
        STOP,
        /** Go on to the end and leave the flag set: the effect has happened, and its result must not be lost. */
        FINISH
    }

    /** One try. */
    @FunctionalInterface
    public interface Attempt<T> {
        /** The answer, or null if another writer moved the record meanwhile, so that it must be read again. */
        @Nullable
        T run();
    }

    public RetryLoop(Dialect dialect, Duration budget, InFlightCalls calls) {
        this.dialect = dialect;
        this.budget = budget;
        this.calls = calls;
    }

    /** Thrown by a try whose database error came before the commit was sent, so that it certainly had no effect. */
    public static final class NotCommitted extends RuntimeException {
        private static final long serialVersionUID = 1L;

        public NotCommitted(Throwable cause) {
            super(cause);
        }
    }

    /** The time budget of one operation. */
    public Duration budget() {
        return budget;
    }

    /** A loop whose time budget is no longer than {@code most}. */
    public RetryLoop within(Duration most) {
        return most.compareTo(budget) < 0 ? new RetryLoop(dialect, most, calls) : this;
    }

    /** Runs {@code attempt}; {@code what} names it in messages. */
    public <T> T run(String what, OnInterrupt onInterrupt, Attempt<T> attempt) {
        return run(() -> what, onInterrupt, attempt);
    }

    /** Runs {@code attempt}; {@code what} names it in messages, and is evaluated only for one. */
    public <T> T run(Supplier<String> what, OnInterrupt onInterrupt, Attempt<T> attempt) {
        return run(what, onInterrupt, false, attempt);
    }

    /** Runs {@code attempt}; {@code uncertain} if an earlier try, outside of this loop, may have had its effect. */
    public <T> T run(Supplier<String> what, OnInterrupt onInterrupt, boolean uncertain, Attempt<T> attempt) {
        calls.enter();
        boolean interrupted = onInterrupt == OnInterrupt.FINISH && Thread.interrupted();
        Operation operation = new Operation(what, uncertain);
        try {
            while (true) {
                T answer = operation.attempt(attempt);
                if (answer != null) {
                    return answer;
                }
                operation.checkTime();
                LockSupport.parkNanos(operation.pauseNanos());
                if (onInterrupt == OnInterrupt.FINISH) {
                    interrupted |= Thread.interrupted();
                } else if (Thread.currentThread().isInterrupted()) {
                    throw operation.unavailable("The thread was interrupted");
                }
            }
        } finally {
            calls.exit();
            if (interrupted) {
                Thread.currentThread().interrupt();
            }
        }
    }

    /** State of one operation over its tries. Used by one thread. */
    private final class Operation {
        private final Supplier<String> what;
        private final long startNanos = System.nanoTime();
        private final Backoff backoff = new Backoff(FIRST_PAUSE, LONGEST_PAUSE);
        private final List<SQLException> errors = new ArrayList<>();
        private int attempts;
        private int races;
        private boolean uncertain;

        Operation(Supplier<String> what, boolean uncertain) {
            this.what = what;
            this.uncertain = uncertain;
        }

        <T> @Nullable T attempt(Attempt<T> attempt) {
            attempts++;
            try {
                T answer = attempt.run();
                races++;
                return answer;
            } catch (StoreException e) {
                errors.forEach(e::addSuppressed);
                if (uncertain && e instanceof StoreException.Misconfigured) {
                    // Of an earlier try it is not known what became, and "misconfigured" would say that nothing did.
                    throw new StoreException.Unavailable(
                            "An earlier try of " + what.get() + " was not answered, and now: " + e.getMessage(), e);
                }
                throw e;
            } catch (Exception e) {
                // Not only RuntimeException: where closing a result fails, Jdbi throws an undeclared SQLException.
                SQLException cause = sqlCause(e);
                if (cause != null) {
                    keepOrThrow(cause, e);
                    return null;
                }
                if (e instanceof RuntimeException unexpected) {
                    throw unexpected;
                }
                throw new IllegalStateException("a try threw an undeclared checked exception", e);
            }
        }

        /** Throws where another try cannot help; otherwise keeps the error as evidence for the final exception. */
        private void keepOrThrow(SQLException raw, Exception thrown) {
            calls.refuseAbandoned();
            SQLException cause = SafeSqlException.of(raw);
            // Without a connection nothing was sent, whatever the reason was.
            SqlErrorKind kind = thrown instanceof ConnectionException ? SqlErrorKind.ABORTED : SqlErrorKind.of(raw);
            if (kind == SqlErrorKind.UNCERTAIN && thrown instanceof NotCommitted) {
                kind = SqlErrorKind.ABORTED;
            }
            log.debug("{}: try {} failed as {}", what.get(), attempts, kind, cause);
            switch (kind) {
                case REFUSED ->
                    throw withEarlier(new StoreException.Refused(
                            "The database refused the values of " + what.get() + " ("
                                    + SqlErrorKind.describe(raw)
                                    + "). Nothing was written, and a retry with the same values will be refused again"
                                    + (dialect == Dialect.SQLITE ? "" : ". " + advice(raw)),
                            cause));
                case MISCONFIGURED ->
                    throw withEarlier(new StoreException.Misconfigured(
                            "The database does not permit " + what.get() + " (" + SqlErrorKind.describe(raw)
                                    + "). Nothing was written. " + remedy(raw),
                            cause));
                case DAMAGED ->
                    throw withEarlier(new StoreException.Corrupt(
                            "The database reports that its data is damaged (" + SqlErrorKind.describe(raw)
                                    + ") and did not finish " + what.get()
                                    + ". Stop the service, and restore the database from a backup or repair it with its"
                                    + " own tools",
                            cause));
                case UNCERTAIN -> uncertain = true;
                case ABORTED, NO_ROOM -> {}
            }
            if (errors.size() == KEPT_CAUSES) {
                // The first tells how it began, the latest how it stands; of those between, the oldest is dropped.
                errors.remove(1);
            }
            errors.add(cause);
        }

        void checkTime() {
            if (System.nanoTime() - startNanos >= budget.toNanos()) {
                throw unavailable("Timed out");
            }
        }

        StoreException.Unavailable unavailable(String why) {
            SQLException last = errors.isEmpty() ? null : errors.remove(errors.size() - 1);
            long millis = (System.nanoTime() - startNanos) / 1_000_000;
            return withEarlier(new StoreException.Unavailable(
                    why + " for " + what.get() + " after " + attempts + (attempts == 1 ? " try in " : " tries in ")
                            + millis
                            + " ms. "
                            + (uncertain
                                    ? "It is unknown whether it took effect; a retry with the same token is safe. "
                                    : "It did not take effect. ")
                            + (last == null
                                    ? "Other callers kept changing the record. "
                                    : "The last error was: " + SqlErrorKind.describe(last) + ". ")
                            + adviceAfter(last),
                    last));
        }

        private String adviceAfter(@Nullable SQLException last) {
            if (dialect == Dialect.POSTGRESQL) {
                return last == null ? "Check the database and the network to it, then retry" : advice(last);
            }
            return last != null && SqlErrorKind.isLockedFile(last)
                    ? "Another connection holds the write lock of the file: let its transaction end, and do not call"
                            + " the store within a transaction of your own on that file, which it would wait for"
                    : "Check the disk of the file, and what keeps its one writer busy, then retry";
        }

        private <E extends StoreException> E withEarlier(E exception) {
            errors.forEach(exception::addSuppressed);
            return exception;
        }

        long pauseNanos() {
            long pause = backoff.nextNanos();
            return races == attempts && races <= IMMEDIATE_RETRIES ? 0 : pause;
        }
    }

    private String remedy(SQLException e) {
        return dialect == Dialect.SQLITE ? "Check that the schema is installed and the file writable" : advice(e);
    }

    /** What the table of causes says about an error that is not SQLite's. */
    private static String advice(SQLException e) {
        PostgresCause cause = PostgresCause.of(e);
        return cause.happened() + ". " + cause.remedy();
    }

    /** The error of the database behind {@code e}, if there is one. */
    public static @Nullable SQLException sqlCause(@Nullable Throwable e) {
        Throwable at = e;
        for (int depth = 0; at != null && depth < DEEPEST_CAUSE; depth++) {
            if (at instanceof SQLException sql) {
                return sql;
            }
            at = at.getCause();
        }
        return null;
    }
}
