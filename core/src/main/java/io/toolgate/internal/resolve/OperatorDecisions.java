package io.toolgate.internal.resolve;

import io.toolgate.Completion.By;
import io.toolgate.DecisionOutcome;
import io.toolgate.HistoryEntry;
import io.toolgate.Outcome;
import io.toolgate.PaidAction;
import io.toolgate.Resolution;
import io.toolgate.internal.attempt.AttemptContext;
import io.toolgate.internal.attempt.DeclaredRows;
import io.toolgate.internal.attempt.OutcomeMapper;
import io.toolgate.internal.attempt.RememberedInput;
import io.toolgate.store.ClaimToken;
import io.toolgate.store.IdempotencyRecord;
import io.toolgate.store.KeyHistory;
import io.toolgate.store.Payload;
import io.toolgate.store.RecordId;
import io.toolgate.store.ResolveOutcome;
import io.toolgate.store.ResolveOutcome.RefusalReason;
import io.toolgate.store.ResolveRequest;
import io.toolgate.store.ResolveRequest.Verdict;
import io.toolgate.store.Rows;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Decisions of operators, people or their programs, about records: retire, resolve, and the history of both. */
public final class OperatorDecisions {
    private static final int MAX_ENTRIES = 1000;

    /** A finished record moves only by a decision: so many decisions of others would have to come in between. */
    private static final int TRIES = 10;

    private final AttemptContext context;

    public OperatorDecisions(AttemptContext context) {
        this.context = context;
    }

    public <R extends @Nullable Object> DecisionOutcome<R> retire(PaidAction<?, R> action, RecordId id, String reason) {
        DecisionOutcome<R> decided = new DecisionOutcome.Refused<>(RefusalReason.ABSENT, Optional.empty());
        // Race: the record moves between the read and the decision. Any finished record is the one that was meant.
        for (int i = 0; i < TRIES; i++) {
            IdempotencyRecord seen = context.store().peek(id).orElse(null);
            if (seen == null) {
                return new DecisionOutcome.Refused<>(RefusalReason.ABSENT, Optional.empty());
            }
            decided = decide(action, seen, new Verdict.Retire(), null, context.owner(), reason);
            if (!(decided instanceof DecisionOutcome.Refused<R> refused) || refused.reason() != RefusalReason.MOVED) {
                return decided;
            }
        }
        return decided;
    }

    public <R extends @Nullable Object> DecisionOutcome<R> resolve(
            PaidAction<?, R> action,
            RecordId id,
            long number,
            Resolution<R> resolution,
            String operator,
            String reason) {
        Verdict verdict = resolution.fold(
                result -> new Verdict.Completed(
                        encode(action, id, result), action.rows().isPresent()),
                Verdict.Rejected::new,
                Verdict.Retry::new);
        IdempotencyRecord seen = context.store().peek(id).orElse(null);
        if (seen == null) {
            return new DecisionOutcome.Refused<>(RefusalReason.ABSENT, Optional.empty());
        }
        if (seen.fence() != number) {
            return new DecisionOutcome.Refused<>(RefusalReason.MOVED, Optional.of(OutcomeMapper.of(action, seen)));
        }
        // Of a completed record, whose result alone is supplied, the store writes none (rule 18).
        Rows<?> rows = resolution instanceof Resolution.Completed<R> completed
                ? DeclaredRows.of(action, id, number, storedInput(action, id), completed.result(), By.OPERATOR)
                : null;
        return decide(action, seen, verdict, rows, operator, reason);
    }

    /** The input for the rows of {@code action}; null if it remembers none, or stores no rows. */
    private @Nullable Payload storedInput(PaidAction<?, ?> action, RecordId id) {
        return action.rows().isPresent() && action.inputCodec().isPresent()
                ? RememberedInput.in(context.store().history(id, 0).checkpoints())
                : null;
    }

    private <R extends @Nullable Object> DecisionOutcome<R> decide(
            PaidAction<?, R> action,
            IdempotencyRecord seen,
            Verdict verdict,
            @Nullable Rows<?> rows,
            String operator,
            String reason) {
        long started = System.nanoTime();
        ResolveRequest request = new ResolveRequest(
                seen.id(),
                seen.fence(),
                seen.version(),
                ClaimToken.random(context.random()),
                verdict,
                operator,
                reason);
        ResolveOutcome outcome;
        try {
            outcome = rows == null
                    ? context.store().resolve(request)
                    : context.store().resolve(request, rows);
        } finally {
            // Even after an error: the decision may have been applied, and the cached record be outdated.
            context.replays().drop(seen.id());
        }
        return outcome.fold(
                resolved -> {
                    context.events()
                            .report(
                                    seen.id(),
                                    seen.fence(),
                                    resolved.version(),
                                    started,
                                    (l, e) -> l.decided(e, KeyHistory.Decision.of(verdict), operator));
                    return new DecisionOutcome.Applied<>(resolved.version(), resolved.at());
                },
                already -> new DecisionOutcome.Applied<>(already.version(), already.at()),
                refused -> new DecisionOutcome.Refused<>(
                        refused.reason(), refused.current().map(record -> OutcomeMapper.of(action, record))));
    }

    /** Encodes an operator's result. Unlike that of a run nothing is lost by refusing it as invalid input. */
    private static <R extends @Nullable Object> Payload encode(PaidAction<?, R> action, RecordId id, R result) {
        Payload payload = OutcomeMapper.encode(action, id, result);
        // Decoded as well, so that callers will not be the first to find out that they cannot be given it.
        if (OutcomeMapper.replay(action, id, payload) instanceof Outcome.Unavailable<R> unavailable) {
            throw new IllegalArgumentException("the result given for " + id + " cannot be stored and read again: "
                    + unavailable.reason().message() + "; nothing was changed");
        }
        return payload;
    }

    public <R extends @Nullable Object> List<HistoryEntry<R>> history(PaidAction<?, R> action, RecordId id) {
        return context.store().history(id, MAX_ENTRIES).entries().stream()
                .map(entry -> new HistoryEntry<R>(
                        OutcomeMapper.of(action, entry.before()),
                        entry.before().fence(),
                        entry.before().createdAt(),
                        entry.before().updatedAt(),
                        entry.decision(),
                        entry.operator(),
                        entry.reason(),
                        entry.at()))
                .toList();
    }
}
