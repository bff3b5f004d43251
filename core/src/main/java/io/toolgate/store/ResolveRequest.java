package io.toolgate.store;

import io.toolgate.Failure;
import io.toolgate.internal.base.Preconditions;
import org.jspecify.annotations.Nullable;

/**
 * An operator's decision about a record at one version: it applies to that version or not at all. Immutable.
 *
 * @param id the record
 * @param fence the fence of the record that the operator read
 * @param version the version of the record that the operator read
 * @param token a fresh token, which revokes the lease of the record's former owner; reuse it only to repeat this
 *     request after its answer was lost
 * @param verdict the verdict
 * @param operator the person or program that decides, for the audit: 1 to 255 bytes of UTF-8
 * @param reason the reason, for the audit: 1 to 1,000 characters
 */
public record ResolveRequest(
        RecordId id, long fence, long version, ClaimToken token, Verdict verdict, String operator, String reason) {

    private static final int MAX_REASON_CHARS = 1000;

    /** Validates the request. */
    public ResolveRequest {
        Preconditions.notNull(id, "id");
        if (fence < 1 || version < fence) {
            throw new IllegalArgumentException("fence is " + fence + " and version " + version
                    + "; a record has a fence of at least 1 and a version of at least its fence: pass those of the"
                    + " record that the operator read");
        }
        Preconditions.notNull(token, "token");
        Preconditions.notNull(verdict, "verdict");
        Preconditions.name(operator, "operator");
        Preconditions.text(reason, "reason", MAX_REASON_CHARS);
    }

    /** Verdict of a decision about a record. */
    public sealed interface Verdict {
        /**
         * Resolves a doubt: the effect happened, with this result. Or supplies a result that is unavailable.
         *
         * @param rowsSettled whether the rows that the action stores with its results are dealt with: given beside this
         *     decision, or left out knowingly. Without it, no record that stores rows is completed
         */
        record Completed(Payload result, boolean rowsSettled) implements Verdict {
            /** Refuses null; a null result is {@link Payload#ofNull}. */
            public Completed {
                Preconditions.notNull(result, "result");
            }

            /** The completion of a record that stores no rows. */
            public Completed(Payload result) {
                this(result, false);
            }
        }

        /** Resolves a doubt: the effect did not happen and must not; every later call gets this failure. */
        record Rejected(Failure failure) implements Verdict {
            /** Refuses failures that are not final. */
            public Rejected {
                Preconditions.notNull(failure, "failure");
                if (failure.kind() != Failure.Kind.REJECTED) {
                    throw new IllegalArgumentException("the failure is of kind " + failure.kind()
                            + ", which is not final; use Failure.rejected(code, message)");
                }
            }
        }

        /** Resolves a doubt: the effect did not happen, and the next call runs the action. */
        record Retry() implements Verdict {}

        /** Retires a finished record: it becomes history, and the next call runs the action again. */
        record Retire() implements Verdict {}
    }

    /** The state that the record gets. */
    public RecordState target() {
        if (verdict instanceof Verdict.Completed) {
            return RecordState.COMPLETED;
        }
        return verdict instanceof Verdict.Rejected ? RecordState.REJECTED : RecordState.RETRYABLE;
    }

    /** The result that the record gets, or null. */
    public @Nullable Payload result() {
        return verdict instanceof Verdict.Completed completed ? completed.result() : null;
    }

    /** The failure that the record gets, or null. */
    public @Nullable Failure failure() {
        if (verdict instanceof Verdict.Completed) {
            return null;
        } else if (verdict instanceof Verdict.Rejected rejected) {
            return rejected.failure();
        }
        return Failure.of(
                Failure.Kind.NOT_EXECUTED,
                verdict instanceof Verdict.Retire ? Failure.Codes.RETIRED : Failure.Codes.RESOLVED,
                reason);
    }
}
