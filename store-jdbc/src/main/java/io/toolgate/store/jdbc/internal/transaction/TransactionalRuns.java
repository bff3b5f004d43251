package io.toolgate.store.jdbc.internal.transaction;

import io.toolgate.ToolGateException;
import io.toolgate.store.ClaimRequest;
import io.toolgate.store.ClaimRequest.OnUnknown;
import io.toolgate.store.ClaimToken;
import io.toolgate.store.InputFingerprint;
import io.toolgate.store.Payload;
import io.toolgate.store.RecordId;
import io.toolgate.store.StoreException;
import io.toolgate.store.jdbc.TransactionBody;
import io.toolgate.store.jdbc.TransactionOutcome;
import io.toolgate.store.jdbc.internal.operation.RecordReads;
import io.toolgate.store.jdbc.internal.sql.Dialect;
import io.toolgate.store.jdbc.internal.sql.RetryLoop;
import io.toolgate.store.jdbc.internal.sql.RetryLoop.OnInterrupt;
import io.toolgate.store.jdbc.internal.sql.SqlRunner;
import io.toolgate.store.jdbc.internal.transaction.TransactionalRun.Answer;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;

/**
 * Claim, effect and result in one transaction, for effects that are nothing but rows of this database. There is no lease and
 * no heartbeat: until the commit nobody else sees the claim, and the database itself ends what its client left behind.
 *
 * <p>Who may run is decided before a connection is taken ({@link Turns}); what one try does, by {@link TransactionalRun}. Tries
 * share one token. So the try after a commit whose fate is unknown meets either its own result or nothing, and its claim
 * waits for a transaction that is still being ended; the body runs again only when the one before certainly did not commit.
 */
public final class TransactionalRuns {
    private static final int MOST_UNKNOWN_COMMITS = 3;

    /** Nobody ever sees this lease: the record is completed in the commit that shows it. */
    public static final Duration LEASE = Duration.ofSeconds(1);

    private final SqlRunner statements;
    private final RecordReads reads;
    private final RetryLoop attempts;
    private final Runnable guard;
    private final Turns turns;
    private final Duration retention;
    private final SecureRandom random = new SecureRandom();
    private final String owner = "transaction of pid " + ProcessHandle.current().pid();

    /** The key whose body a thread is in. */
    private final ConcurrentMap<Thread, RecordId> inside = new ConcurrentHashMap<>();

    public TransactionalRuns(
            SqlRunner statements,
            RecordReads reads,
            RetryLoop attempts,
            Runnable guard,
            int mostAtOnce,
            Duration retention) {
        this.statements = statements;
        this.reads = reads;
        this.attempts = attempts;
        this.guard = guard;
        this.turns = new Turns(mostAtOnce);
        this.retention = retention;
    }

    /** Runs {@code body}, unless {@code id} is done or somebody else's. */
    public <X extends Exception> TransactionOutcome run(
            RecordId id, InputFingerprint input, TransactionBody<Payload, X> body) throws X {
        refuseInside(id);
        if (inside.containsKey(Thread.currentThread())) {
            throw new StoreException.Refused(
                    "The body of runInTransaction called runInTransaction for another key. The inner one would commit by"
                            + " itself, whatever becomes of the outer one. Nothing was run by this call: use the handle of"
                            + " the outer one, or call one after the other",
                    null);
        }
        ClaimRequest request = new ClaimRequest(
                id, ClaimToken.random(random), owner, input, LEASE, retention, OnUnknown.HOLD, Integer.MAX_VALUE);
        long deadlineNanos = System.nanoTime() + attempts.budget().toNanos();
        // A replay takes no lock, no transaction and no turn.
        Optional<TransactionOutcome> settled = attempts.run(
                "a read of " + id, OnInterrupt.STOP, () -> TransactionalRun.settled(reads.read(id), request));
        if (settled.isPresent()) {
            return settled.get();
        }
        switch (awaitTurn(id, deadlineNanos)) {
            case KEY_BUSY -> {
                return new TransactionOutcome.Busy(Duration.ZERO);
            }
            case NO_PLACE ->
                throw new StoreException.Unavailable(
                        "Other transactions took all places of this store for " + attempts.budget() + ". " + id
                                + " did not happen. Keep bodies short, or give the store a larger pool",
                        null);
            case MINE -> {}
        }
        try {
            return this.<X>inTurn(new TransactionalRun(statements, guard, request, deadlineNanos, body, inside));
        } finally {
            turns.exit(id);
        }
    }

    private Turns.Turn awaitTurn(RecordId id, long deadlineNanos) {
        try {
            return turns.enter(id, deadlineNanos);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new StoreException.Unavailable(
                    "The thread was interrupted while it waited to run " + id
                            + ". It did not happen by this call. Call again to learn what became of the key",
                    e);
        }
    }

    private <X extends Exception> TransactionOutcome inTurn(TransactionalRun transaction) throws X {
        String what = "the transaction of " + transaction.id();
        Answer answer = attempts.run(what, OnInterrupt.STOP, transaction::attempt);
        for (int i = 0; answer instanceof Answer.CommitUnknown unknown; i++) {
            if (i == MOST_UNKNOWN_COMMITS) {
                throw unknown(transaction.id(), unknown.cause());
            }
            try {
                // Not stopped by an interrupt: the effect may have happened, and this is how to know.
                answer = attempts.run(() -> what, OnInterrupt.FINISH, true, transaction::attempt);
            } catch (StoreException.Unavailable e) {
                throw unknown(transaction.id(), e);
            }
        }
        if (answer instanceof Answer.Thrown thrown) {
            throw TransactionalRuns.<X>asThrown(thrown.thrown());
        }
        return ((Answer.Settled) answer).outcome();
    }

    private static StoreException.Unavailable unknown(RecordId id, Throwable cause) {
        return new StoreException.Unavailable(
                "The connection broke while " + id + " was committed, and the database could not be asked since: it is"
                        + " unknown whether it happened, all of it or nothing. Call again with the same key: that finds the"
                        + " result, or runs it",
                cause);
    }

    /** What a body threw, as it is: {@link TransactionBody} lets it throw nothing but {@code X} and what needs no declaring. */
    @SuppressWarnings("unchecked")
    private static <X extends Exception> RuntimeException asThrown(Throwable thrown) throws X {
        if (thrown instanceof Error error) {
            throw error;
        }
        if (thrown instanceof RuntimeException unchecked) {
            throw unchecked;
        }
        throw (X) thrown;
    }

    /**
     * Refuses a call for {@code id} from inside of its own body, which holds the lock that the call would wait for. On SQLite,
     * where the body holds the one lock there is, a call that writes for whatever key.
     */
    public void refuseInside(RecordId id) {
        RecordId own = inside.get(Thread.currentThread());
        if (own == null) {
            return;
        }
        if (own.equals(id)) {
            throw new ToolGateException.SelfWait(id);
        }
        if (statements.dialect() == Dialect.SQLITE) {
            throw new StoreException.Refused(
                    "The body of runInTransaction called its own store, whose only writer it holds, and would wait for"
                            + " itself. Nothing was written by this call: call the store before or after the transaction",
                    null);
        }
    }
}
