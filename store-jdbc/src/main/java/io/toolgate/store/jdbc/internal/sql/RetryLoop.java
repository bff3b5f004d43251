package io.toolgate.store.jdbc.internal.sql;

import io.toolgate.store.StoreException;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Supplier;
import org.jdbi.v3.core.ConnectionException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Tries an operation until it has an answer, as often as that is sound and until its time is over.
 *
 * <p>Sound, because every operation of the store may be asked again: a claim, a completion and a failure are recognised by
 * their token (rule 14 of SPEC.md), the others may simply happen twice. So a statement that was certainly aborted and one
 * whose fate is unknown are treated alike, except in what is said when time is up.
 *
 * <p>Each try takes a connection of its own, and none is held while this waits.
 */
public final class RetryLoop {
    private static final Logger log = LoggerFactory.getLogger(RetryLoop.class);
    private static final long FIRST_PAUSE_NANOS = 4_000_000;
    private static final long LONGEST_PAUSE_NANOS = 250_000_000;
    private static final int KEPT_CAUSES = 8;

    private final Duration budget;
    private final InFlightCalls inFlight;

    /** What an interrupted thread does with its operation. */
    public enum OnInterrupt {
        /** Stops between two tries: nothing is lost if the caller does not get its answer. */
        STOP,
        /** Goes on to the end and leaves the flag set: the effect has happened, and its result must not be lost. */
        FINISH
    }

    /** One try. */
    @FunctionalInterface
    public interface Attempt<T> {
        /** The answer, or null if somebody else moved the record meanwhile, so that it must be looked at again. */
        @Nullable
        T run();
    }

    public RetryLoop(Duration budget, InFlightCalls inFlight) {
        this.budget = budget;
        this.inFlight = inFlight;
    }

    /** What a try throws whose database error came before its transaction was told to commit, so that it did nothing. */
    public static final class NotCommitted extends RuntimeException {
        private static final long serialVersionUID = 1L;

        public NotCommitted(Throwable cause) {
            super(cause);
        }
    }

    /** How long an operation is tried. */
    public Duration budget() {
        return budget;
    }

    /** Runs {@code attempt}; {@code what} names it in messages. */
    public <T> T run(String what, OnInterrupt onInterrupt, Attempt<T> attempt) {
        return run(() -> what, onInterrupt, attempt);
    }

    /** Runs {@code attempt}; {@code what} names it in messages, and is only asked for one. */
    public <T> T run(Supplier<String> what, OnInterrupt onInterrupt, Attempt<T> attempt) {
        return run(what, onInterrupt, false, attempt);
    }

    /** Runs {@code attempt}, which may have had its effect before if {@code uncertain}. */
    public <T> T run(Supplier<String> what, OnInterrupt onInterrupt, boolean uncertain, Attempt<T> attempt) {
        inFlight.enter();
        boolean interrupted = onInterrupt == OnInterrupt.FINISH && Thread.interrupted();
        Course course = new Course(what, uncertain);
        try {
            while (true) {
                T answer = course.attempt(attempt);
                if (answer != null) {
                    return answer;
                }
                course.checkTime();
                LockSupport.parkNanos(course.pauseNanos());
                if (onInterrupt == OnInterrupt.FINISH) {
                    interrupted |= Thread.interrupted();
                } else if (Thread.currentThread().isInterrupted()) {
                    throw course.unavailable("The thread was interrupted");
                }
            }
        } finally {
            inFlight.exit();
            if (interrupted) {
                Thread.currentThread().interrupt();
            }
        }
    }

    /** What has happened so far in one operation. Used by one thread. */
    private final class Course {
        private final Supplier<String> what;
        private final long startNanos = System.nanoTime();
        private final List<SQLException> troubles = new ArrayList<>();
        private int attempts;
        private int races;
        private boolean uncertain;

        Course(Supplier<String> what, boolean uncertain) {
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
                troubles.forEach(e::addSuppressed);
                throw e;
            } catch (Exception e) {
                // Not only RuntimeException: where closing a result fails, Jdbi throws the SQLException itself,
                // undeclared.
                SQLException cause = sqlCause(e);
                if (cause != null) {
                    note(cause, e);
                    return null;
                }
                if (e instanceof RuntimeException unexpected) {
                    throw unexpected;
                }
                throw new IllegalStateException("nothing in a try throws this", e);
            }
        }

        private void note(SQLException raw, Exception thrown) {
            inFlight.refuseAbandoned();
            SQLException cause = SafeSqlException.of(raw);
            // A connection that could not be had carried nothing, whatever the reason was.
            SqlErrorKind trouble = thrown instanceof ConnectionException ? SqlErrorKind.ABORTED : SqlErrorKind.of(raw);
            if (trouble == SqlErrorKind.UNCERTAIN && thrown instanceof NotCommitted) {
                trouble = SqlErrorKind.ABORTED;
            }
            log.debug("{}: try {} ended as {}", what.get(), attempts, trouble, cause);
            switch (trouble) {
                case REFUSED ->
                    throw withEarlier(new StoreException.Refused(
                            "The database refused the values of " + what.get() + " ("
                                    + SqlErrorKind.describe(raw)
                                    + "). Nothing was written, and the same values will be refused"
                                    + " again",
                            cause));
                case MISCONFIGURED ->
                    throw withEarlier(new StoreException.Misconfigured(
                            "The database does not let " + what.get() + " happen (" + SqlErrorKind.describe(raw)
                                    + "). Nothing was" + " written. " + remedy(raw),
                            cause));
                case DAMAGED ->
                    throw withEarlier(new StoreException.Corrupt(
                            "The database says that it is damaged (" + SqlErrorKind.describe(raw)
                                    + ") and did not finish " + what.get()
                                    + ". Stop, and restore it from a backup or by its own tools",
                            cause));
                case UNCERTAIN -> uncertain = true;
                case ABORTED, NO_ROOM -> {}
            }
            if (troubles.size() == KEPT_CAUSES) {
                // The first says how it began, the latest how it stands; of those between, the oldest goes.
                troubles.remove(1);
            }
            troubles.add(cause);
        }

        void checkTime() {
            if (System.nanoTime() - startNanos >= budget.toNanos()) {
                throw unavailable("Time is up");
            }
        }

        StoreException.Unavailable unavailable(String why) {
            SQLException last = troubles.isEmpty() ? null : troubles.remove(troubles.size() - 1);
            long millis = (System.nanoTime() - startNanos) / 1_000_000;
            return withEarlier(new StoreException.Unavailable(
                    why + " for " + what.get() + " after " + attempts + (attempts == 1 ? " try in " : " tries in ")
                            + millis
                            + " ms. "
                            + (uncertain
                                    ? "It is unknown whether it happened; asking again with the same token is safe. "
                                    : "It did not happen. ")
                            + (last == null
                                    ? "Others kept moving the record. "
                                    : "The last trouble was: " + SqlErrorKind.describe(last) + ". ")
                            + "Look at the database and the way to it, and ask again",
                    last));
        }

        private <E extends StoreException> E withEarlier(E exception) {
            troubles.forEach(exception::addSuppressed);
            return exception;
        }

        /** Jittered, so that those who collided do not meet again; growing, so that an outage is not made worse. */
        long pauseNanos() {
            int step = Math.min(attempts, 10);
            long ceiling = Math.min(LONGEST_PAUSE_NANOS, FIRST_PAUSE_NANOS << step);
            // Somebody moved the record: that is progress, so the first looks again come at once.
            return races == attempts && races <= 3
                    ? 0
                    : ThreadLocalRandom.current().nextLong(ceiling / 4, ceiling);
        }
    }

    private static String remedy(SQLException e) {
        String state = e.getSQLState();
        if (SqlErrorKind.INVALID_STATEMENT_NAME.equals(state)
                || SqlErrorKind.DUPLICATE_PREPARED_STATEMENT.equals(state)) {
            return "A transaction-pooling proxy seems to be in between: open the store with transactionPooling(true)";
        }
        return "Check that the schema is installed and writable, and that the role has SELECT, INSERT and UPDATE on"
                + " tg_idempotency (and DELETE for a purge), and what grants.sql of the SQL bundle gives beside it";
    }

    /** The error of the database behind {@code e}, if there is one. */
    public static @Nullable SQLException sqlCause(@Nullable Throwable e) {
        for (Throwable at = e; at != null; at = at.getCause()) {
            if (at instanceof SQLException sql) {
                return sql;
            }
        }
        return null;
    }
}
