package io.toolgate.store.contract.mutants;

import io.toolgate.store.ClaimOutcome;
import io.toolgate.store.ClaimRequest;
import io.toolgate.store.IdempotencyRecord;
import io.toolgate.store.Payload;
import io.toolgate.store.contract.ModelDatabase;
import io.toolgate.store.contract.ModelStore;

/** Stores that keep the wrong input, or none. */
final class InputMutants {
    private InputMutants() {}

    /** Keeps no input. */
    static final class RemembersNone extends ModelStore {
        RemembersNone(ModelDatabase database) {
            super(database);
        }

        @Override
        protected void rememberInput(IdempotencyRecord claimed, Payload input) {}
    }

    /** Keeps the input of the latest claim. */
    static final class ReplacesIt extends ModelStore {
        ReplacesIt(ModelDatabase database) {
            super(database);
        }

        @Override
        protected void rememberInput(IdempotencyRecord claimed, Payload input) {
            putInput(claimed, input);
        }
    }

    /** Keeps the input of a claim that was not acquired. */
    static final class KeepsThatOfRefusedClaims extends ModelStore {
        KeepsThatOfRefusedClaims(ModelDatabase database) {
            super(database);
        }

        @Override
        public ClaimOutcome claim(ClaimRequest request) {
            ClaimOutcome outcome = super.claim(request);
            IdempotencyRecord record = stored(request.id());
            Payload input = request.input();
            if (!(outcome instanceof ClaimOutcome.Acquired) && record != null && input != null) {
                putInput(record, input);
            }
            return outcome;
        }
    }
}
