package io.toolgate;

import io.toolgate.store.ClaimRequest.OnUnknown;
import io.toolgate.store.IdempotencyRecord;
import io.toolgate.store.Payload;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;

/** Actions that remember their inputs, and records that processes which died have left with theirs. */
abstract class RememberingFixture extends GateFixture {
    static final Duration PAST_THE_LEASE = Duration.ofSeconds(31);

    final ToolGate gate = gates.gate(store);
    final ToolGate elsewhere = gates.gate(other);
    final List<String> inputs = new ArrayList<>();

    static PaidAction.Builder<String, String> remembering(PaidAction.Builder<String, String> action) {
        return action.remembering(ResultCodec.text());
    }

    /** An action that notes the inputs of its runs, and is run again. */
    PaidAction.Builder<String, String> rerunning() {
        return remembering(Gates.action((input, attempt) -> {
                    inputs.add(input);
                    return "receipt-" + runs.incrementAndGet();
                }))
                .recovery(Recovery.rerun());
    }

    /** Claim of a process that stored its input, died, and whose lease has ended. */
    void vanished() {
        Payload input = Payload.of("text/1", "in".getBytes(StandardCharsets.UTF_8));
        var unused = other.claim(claimRequest(id, "in", OnUnknown.HOLD).carrying(false, input));
        other.advance(PAST_THE_LEASE);
    }

    IdempotencyRecord stored() {
        return Objects.requireNonNull(store.stored(id));
    }
}
