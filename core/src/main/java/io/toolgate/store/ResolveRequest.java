package io.toolgate.store;

import io.toolgate.Failure;
import io.toolgate.internal.base.Preconditions;
import org.jspecify.annotations.Nullable;

/**
 * Somebody's decision about a record, made in view of its state at one moment: it applies to that very state or not at all.
 *
 * @param id the record
 * @param fence that the record had when it was looked at
 * @param version that the record had when it was looked at
 * @param token a fresh token, which takes the record from whoever held its last one; repeat it only to ask again after an
 *     answer was lost
 * @param verdict what was decided
 * @param operator who decided, for the audit: 1 to 255 bytes of UTF-8
 * @param reason why, for the audit: 1 to 1,000 characters
 */
public record ResolveRequest(
        RecordId id, long fence, long version, ClaimToken token, Verdict verdict, String operator, String reason) {

    private static final int MAX_REASON_CHARS = 1000;

    /** Refuses what no store could honour. */
    public ResolveRequest {
        Preconditions.notNull(id, "id");
        if (fence < 1 || version < fence) {
            throw new IllegalArgumentException("fence " + fence + " and version " + version
                    + " are none that a record can have; pass those of the record as it was looked at");
        }
        Preconditions.notNull(token, "token");
        Preconditions.notNull(verdict, "verdict");
        Preconditions.name(operator, "operator");
        Preconditions.text(reason, "reason", MAX_REASON_CHARS);
    }

    /** What can be decided about a record. */
    public sealed interface Verdict {
        /** The doubtful effect happened, and this is its result. */
        record Completed(Payload result) implements Verdict {
            /** Refuses null; a result that is null is {@link Payload}'s to say. */
            public Completed {
                Preconditions.notNull(result, "result");
            }
        }

        /** The doubtful effect did not happen and never shall; every later caller is told this failure. */
        record Rejected(Failure failure) implements Verdict {
            /** Refuses failures that are not final. */
            public Rejected {
                Preconditions.notNull(failure, "failure");
                if (failure.kind() != Failure.Kind.REJECTED) {
                    throw new IllegalArgumentException("the failure is of kind " + failure.kind()
                            + "; what ends a doubt for good is Failure.rejected(code, message)");
                }
            }
        }

        /** The doubtful effect did not happen, and the next caller shall run it. */
        record Retry() implements Verdict {}

        /** The finished record has served: it becomes history, and the next caller begins a new one. */
        record Retire() implements Verdict {}
    }

    /** Where the verdict leads. */
    public RecordState target() {
        if (verdict instanceof Verdict.Completed) {
            return RecordState.COMPLETED;
        }
        return verdict instanceof Verdict.Rejected ? RecordState.REJECTED : RecordState.RETRYABLE;
    }

    /** The result that the record is given, if the verdict has one. */
    public @Nullable Payload result() {
        return verdict instanceof Verdict.Completed completed ? completed.result() : null;
    }

    /** The failure that the record is given, if the verdict has one. */
    public @Nullable Failure failure() {
        if (verdict instanceof Verdict.Completed) {
            return null;
        } else if (verdict instanceof Verdict.Rejected rejected) {
            return rejected.failure();
        }
        return Failure.of(
                Failure.Kind.NOT_EXECUTED,
                verdict instanceof Verdict.Retire ? ClaimMachine.RETIRED : ClaimMachine.RESOLVED,
                reason);
    }
}
