package io.toolgate.store.contract;

import static org.assertj.core.api.Assertions.assertThat;

import io.toolgate.Failure;
import io.toolgate.store.IdempotencyRecord;
import io.toolgate.store.Lease;
import io.toolgate.store.Payload;
import io.toolgate.store.RecordId;
import io.toolgate.store.RecordState;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** Payloads: every result is read back as it was stored. */
abstract class PayloadRules extends Rules {

    private Payload roundTrip(Payload payload) {
        RecordId id = freshId();
        completed(id, payload);
        Payload peeked = other().peek(id).orElseThrow().result();
        Payload replayed = finished(other().claim(claimOf(id).request())).result();
        assertThat(replayed).isEqualTo(peeked).isEqualTo(payload);
        assertThat(other().peekAll(List.of(id)).get(id).result()).isEqualTo(payload);
        alreadyApplied(store().complete(stored(id).lease(), payload));
        return replayed;
    }

    @Test
    @Rule(2)
    void aNullResultIsAResult() {
        Payload back = roundTrip(Payload.ofNull("json"));
        assertThat(back.isAvailable()).isTrue();
        assertThat(back.isNull()).isTrue();
        assertThat(back.codec()).isEqualTo("json");
    }

    @Test
    @Rule(2)
    void anEmptyResultIsAResultAndNotNull() {
        Payload back = roundTrip(Payload.of("text", new byte[0]));
        assertThat(back.isNull()).isFalse();
        assertThat(back.bytes()).isEmpty();
    }

    @Test
    @Rule(2)
    void nullEmptyAndUnavailableAreThreeDifferentResults() {
        Payload unavailable = Payload.unavailable(Failure.rejected("too-large", "the result was too large"));
        List<Payload> forms = List.of(Payload.ofNull("text"), Payload.of("text", new byte[0]), unavailable);
        for (Payload first : forms) {
            RecordId id = freshId();
            Lease lease = completed(id, first);
            for (Payload second : forms) {
                if (!first.equals(second)) {
                    changesNothing(id, () -> leaseLost(store().complete(lease, second)));
                }
            }
        }
    }

    @Test
    @Rule(2)
    void everyByteIsKept() {
        byte[] all = new byte[256];
        for (int i = 0; i < all.length; i++) {
            all[i] = (byte) i;
        }
        assertThat(roundTrip(Payload.of("bytes", all)).bytes()).isEqualTo(all);
        assertThat(roundTrip(Payload.of("bytes", new byte[] {0})).bytes()).isEqualTo(new byte[] {0});
    }

    @Test
    @Rule(2)
    void aLargeResultIsKept() {
        byte[] large = new byte[1024 * 1024];
        new Random(42).nextBytes(large);
        assertThat(roundTrip(Payload.of("bytes", large)).bytes()).isEqualTo(large);
    }

    @Test
    @Rule(2)
    void theCodecsIdIsKept() {
        String longest = "\u00fc".repeat(127) + "1";
        assertThat(roundTrip(Payload.of(longest, new byte[] {1})).codec()).isEqualTo(longest);
        RecordId id = freshId();
        Lease lease = completed(id, Payload.of("json/1", new byte[] {1}));
        changesNothing(id, () -> leaseLost(store().complete(lease, Payload.of("json/2", new byte[] {1}))));
    }

    @Test
    @Rule(11)
    void anUnavailableResultIsADoneRunWithItsReason() {
        Failure reason = Failure.rejected("not-encodable", "the codec threw");
        Payload back = roundTrip(Payload.unavailable(reason));
        assertThat(back.isAvailable()).isFalse();
        assertThat(back.reason()).isEqualTo(reason);
    }

    @Test
    @Rule(11)
    void anUnavailableResultIsNeverRunAgain() {
        RecordId id = freshId();
        completed(id, Payload.unavailable(Failure.rejected("too-large", "")));
        expireLease();
        IdempotencyRecord record = finished(store().claim(claimOf(id).taking().request()));
        assertThat(record.state()).isEqualTo(RecordState.COMPLETED);
        assertThat(record.failure()).isNull();
    }

    @Test
    @Rule(2)
    void bytesThatTheCallerChangesAfterwardsChangeNothing() {
        byte[] bytes = {1, 2, 3};
        RecordId id = freshId();
        completed(id, Payload.of("bytes", bytes));
        bytes[0] = 9;
        Payload read = store().peek(id).orElseThrow().result();
        assertThat(read.bytes()).containsExactly(1, 2, 3);
        read.bytes()[0] = 9;
        assertThat(store().peek(id).orElseThrow().result().bytes()).containsExactly(1, 2, 3);
    }
}
