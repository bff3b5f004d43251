package io.toolgate.store.contract.mutants;

import io.toolgate.store.ClaimMachine.Decision;
import io.toolgate.store.IdempotencyRecord;
import io.toolgate.store.Lease;
import io.toolgate.store.Payload;
import io.toolgate.store.ResolveOutcome;
import io.toolgate.store.ResolveRequest;
import io.toolgate.store.Rows;
import io.toolgate.store.StoreException;
import io.toolgate.store.TransitionOutcome;
import io.toolgate.store.contract.ModelDatabase;
import io.toolgate.store.contract.ModelStore;
import io.toolgate.store.contract.Records;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/** Stores whose rows and results come apart. */
final class RowMutants {
    private RowMutants() {}

    /** Completes a record without its rows, though nobody said so. */
    static ModelStore leavesRowsOut(ModelDatabase database) {
        return new ModelStore(database) {
            @Override
            protected Decision<ResolveOutcome> decideResolve(
                    @Nullable IdempotencyRecord current, ResolveRequest request, Instant now) {
                return super.decideResolve(current == null ? null : withoutRows(current), request, now);
            }
        };
    }

    /** Does not keep whether the action of a claim stores rows. */
    static ModelStore forgetsThatRowsBelong(ModelDatabase database) {
        return new ModelStore(database) {
            @Override
            protected void write(IdempotencyRecord next) {
                super.write(withoutRows(next));
            }
        };
    }

    private static IdempotencyRecord withoutRows(IdempotencyRecord record) {
        return Records.withStoresRows(record, false);
    }

    /** Writes the rows of a completion that was applied before. */
    static final class WritesRowsAgain extends ModelStore {
        WritesRowsAgain(ModelDatabase database) {
            super(database);
        }

        @Override
        public TransitionOutcome complete(Lease lease, Payload result, Rows<?> rows) {
            TransitionOutcome outcome = super.complete(lease, result, rows);
            if (outcome instanceof TransitionOutcome.AlreadyApplied) {
                writeAlone(rows);
            }
            return outcome;
        }
    }

    /** Writes the rows before it knows whether the caller owns the record. */
    static final class WritesRowsFirst extends ModelStore {
        WritesRowsFirst(ModelDatabase database) {
            super(database);
        }

        @Override
        public TransitionOutcome complete(Lease lease, Payload result, Rows<?> rows) {
            writeAlone(rows);
            return complete(lease, result);
        }
    }

    /** Stores the result although its rows failed. */
    static final class KeepsResultsWithoutRows extends ModelStore {
        KeepsResultsWithoutRows(ModelDatabase database) {
            super(database);
        }

        @Override
        public TransitionOutcome complete(Lease lease, Payload result, Rows<?> rows) {
            try {
                return super.complete(lease, result, rows);
            } catch (StoreException.RowsFailed e) {
                TransitionOutcome unused = complete(lease, result);
                throw e;
            }
        }
    }

    /** Writes the rows of a result that a decision only supplies. */
    static final class SuppliesAndWritesRows extends ModelStore {
        SuppliesAndWritesRows(ModelDatabase database) {
            super(database);
        }

        @Override
        public ResolveOutcome resolve(ResolveRequest request, Rows<?> rows) {
            ResolveOutcome outcome = super.resolve(request, rows);
            if (outcome instanceof ResolveOutcome.Resolved resolved && !resolved.isCompletion()) {
                writeAlone(rows);
            }
            return outcome;
        }
    }

    /** Writes no rows with a decision. */
    static final class DecidesWithoutRows extends ModelStore {
        DecidesWithoutRows(ModelDatabase database) {
            super(database);
        }

        @Override
        public ResolveOutcome resolve(ResolveRequest request, Rows<?> rows) {
            return resolve(request);
        }
    }
}
