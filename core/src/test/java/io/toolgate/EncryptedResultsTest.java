package io.toolgate;

import static io.toolgate.EncryptedCodecTest.codec;
import static io.toolgate.EncryptedCodecTest.key;
import static io.toolgate.Gates.KEY;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.toolgate.Outcome.Origin;
import io.toolgate.Outcome.Unavailable;
import io.toolgate.store.Checkpoint;
import io.toolgate.store.KeyHistory;
import io.toolgate.store.Payload;
import io.toolgate.store.RecordId;
import io.toolgate.store.RecordState;
import io.toolgate.store.contract.ModelStore;
import io.toolgate.store.contract.Records;
import io.toolgate.store.contract.Rule;
import java.io.IOException;
import java.io.OutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import javax.crypto.SecretKey;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Encrypted results at a gate: whatever fails about them, the action runs once. */
@Timeout(60)
class EncryptedResultsTest extends GateFixture {
    private static final IdempotencyKey OTHER = IdempotencyKey.of("tenant", "order-982");
    private static final SecretKey K1 = key(32, 0);

    private final ToolGate gate = gates.gate(store);
    private final PaidAction<String, String> action = encrypted(codec("k1", Map.of("k1", K1)));

    private PaidAction<String, String> encrypted(ResultCodec<String> codec) {
        return Gates.counting(runs).codec(codec).build();
    }

    private Outcome<String> call(PaidAction<String, String> action) {
        return gate.execute(action, KEY, "in");
    }

    private static void assertUnavailable(Outcome<String> outcome, String code, String why) {
        assertThat(outcome).isInstanceOfSatisfying(Unavailable.class, unavailable -> {
            assertThat(unavailable.reason().code()).isEqualTo(code);
            assertThat(unavailable.reason().message()).contains(why).doesNotContain("receipt");
        });
    }

    private void put(RecordId id, Payload result) {
        store.database().put(Records.withState(store.stored(id), RecordState.COMPLETED, result, null));
    }

    /** A key service that can be switched off. */
    private static class Service implements EncryptionKeys {
        final AtomicBoolean up = new AtomicBoolean(true);
        final AtomicInteger calls = new AtomicInteger();

        @Override
        public String currentId() {
            return "k1";
        }

        @Override
        public SecretKey key(String id) throws IOException {
            calls.incrementAndGet();
            if (!up.get()) {
                throw new IOException("no route to the receipts' keys");
            }
            return K1;
        }
    }

    @Test
    @Rule(2)
    void anEncryptedResultIsReplayedAndIsNotReadableInTheStore() {
        assertThat(call(action)).isEqualTo(new Outcome.Completed<>("receipt-1", Origin.EXECUTED));
        assertThat(call(action)).isEqualTo(new Outcome.Completed<>("receipt-1", Origin.REPLAYED));
        assertThat(gate.find(action, KEY)).contains(new Outcome.Completed<>("receipt-1", Origin.REPLAYED));
        Payload stored = store.stored(id).result();
        assertThat(stored.codec()).isEqualTo("aes-gcm/1+text/1");
        assertThat(stored.bytes()).hasSize(9 + 2 + 2 + 12 + 16);
        assertThat(new String(stored.bytes(), StandardCharsets.ISO_8859_1)).doesNotContain("receipt");
        assertThat(runs).hasValue(1);
    }

    @Test
    @Rule(11)
    void aResultThatWasMovedFromAnotherRecordIsUnavailableAndNotRunAgain() {
        assertThat(call(action).isCompleted()).isTrue();
        assertThat(gate.execute(action, OTHER, "in").isCompleted()).isTrue();
        put(id, store.stored(OTHER.in("charge-card")).result());
        assertUnavailable(call(action), Failure.Codes.RESULT_NOT_DECODABLE, "moved from another record");
        assertThatThrownBy(() -> call(action).valueOrThrow())
                .isInstanceOf(ToolGateException.ResultUnavailable.class)
                .hasMessageContaining("will not run again");
        assertThat(gate.execute(action, OTHER, "in").valueOrThrow()).isEqualTo("receipt-2");
        assertThat(runs).hasValue(2);
    }

    @Test
    @Rule(11)
    void everyFlippedBitOfAStoredResultIsUnavailableAndNotRunAgain() {
        assertThat(call(action).isCompleted()).isTrue();
        Payload good = store.stored(id).result();
        // Each is logged with its stack trace: a hundred lines for each of hundreds of bits.
        PrintStream log = System.err;
        System.setErr(new PrintStream(OutputStream.nullOutputStream()));
        try {
            for (int bit = 0; bit < good.size() * Byte.SIZE; bit++) {
                byte[] changed = good.bytes();
                changed[bit / 8] ^= (byte) (1 << bit % 8);
                put(id, Payload.of(good.codec(), changed));
                assertUnavailable(call(action), Failure.Codes.RESULT_NOT_DECODABLE, "codec aes-gcm/1+text/1 threw");
            }
        } finally {
            System.setErr(log);
        }
        put(id, good);
        assertThat(call(action).valueOrThrow()).isEqualTo("receipt-1");
        assertThat(runs).hasValue(1);
    }

    @Test
    void olderRecordsAreReadableAfterAKeyRotation() {
        assertThat(call(action).isCompleted()).isTrue();
        PaidAction<String, String> rotated = encrypted(codec("k2", Map.of("k1", K1, "k2", key(32, 1))));
        assertThat(call(rotated)).isEqualTo(new Outcome.Completed<>("receipt-1", Origin.REPLAYED));
        assertThat(gate.execute(rotated, OTHER, "in").isCompleted()).isTrue();
        PaidAction<String, String> tooEarly = encrypted(codec("k2", Map.of("k2", key(32, 1))));
        assertUnavailable(
                call(tooEarly), Failure.Codes.RESULT_NOT_DECODABLE, "the key service has no key under the id \"k1\"");
        assertThat(gate.execute(tooEarly, OTHER, "in").valueOrThrow()).isEqualTo("receipt-2");
        PaidAction<String, String> mistaken = encrypted(codec("k1", Map.of("k1", key(32, 1))));
        assertUnavailable(call(mistaken), Failure.Codes.RESULT_NOT_DECODABLE, "another key");
        assertThat(runs).hasValue(2);
    }

    @Test
    @Rule(11)
    void aKeyServiceThatIsDownAfterTheEffectLeavesADoneRunWithoutAResult() {
        Service service = new Service();
        PaidAction<String, String> asking = Gates.action((input, attempt) -> {
                    service.up.set(false); // It was up when the action began.
                    return "receipt-" + runs.incrementAndGet();
                })
                .codec(EncryptedCodec.of(ResultCodec.text(), service))
                .build();
        Outcome<String> own = call(asking);
        assertUnavailable(own, Failure.Codes.RESULT_NOT_ENCODABLE, "key service failed to return the key \"k1\"");
        assertThat(((Unavailable<String>) own).local()).isEqualTo("receipt-1");
        service.up.set(true);
        assertUnavailable(call(asking), Failure.Codes.RESULT_NOT_ENCODABLE, "java.io.IOException");
        assertThat(runs).hasValue(1);
    }

    @Test
    @Rule(11)
    void aKeyServiceThatIsDownDuringAReplayMakesTheResultUnavailableToThatCallOnly() {
        Service service = new Service();
        PaidAction<String, String> asking = encrypted(EncryptedCodec.of(ResultCodec.text(), service));
        assertThat(call(asking).isCompleted()).isTrue();
        service.up.set(false);
        assertUnavailable(
                call(asking), Failure.Codes.RESULT_NOT_DECODABLE, "key service failed to return the key \"k1\"");
        service.up.set(true);
        assertThat(call(asking)).isEqualTo(new Outcome.Completed<>("receipt-1", Origin.REPLAYED));
        assertThat(runs).hasValue(1);
    }

    @Test
    void beforeTheEffectNoKeyIsNeeded() {
        Service service = new Service();
        service.up.set(false);
        PaidAction<String, String> declined = Gates.action((input, attempt) -> {
                    assertThat(service.calls).hasValue(0);
                    throw new IOException("declined");
                })
                .classify(e -> Failure.rejected("declined", "by the bank"))
                .codec(EncryptedCodec.of(ResultCodec.text(), service))
                .build();
        assertThat(call(declined)).isInstanceOf(Outcome.Rejected.class);
        assertThat(call(declined)).isInstanceOf(Outcome.Rejected.class);
        assertThat(service.calls).hasValue(0);
    }

    /** A key service over the network is interruptible, and the run may have been interrupted at its very end. */
    @Test
    @Rule(11)
    void anInterruptedRunStillStoresItsResult() {
        Service service = new Service() {
            @Override
            public SecretKey key(String id) throws IOException {
                try {
                    assertThat(new CountDownLatch(1).await(1, TimeUnit.MILLISECONDS))
                            .isFalse();
                } catch (InterruptedException e) {
                    throw new IOException(e);
                }
                return super.key(id);
            }
        };
        PaidAction<String, String> interrupted = Gates.action((input, attempt) -> {
                    Thread.currentThread().interrupt();
                    return "receipt-" + runs.incrementAndGet();
                })
                .codec(EncryptedCodec.of(ResultCodec.text(), service))
                .build();
        Outcome<String> outcome = call(interrupted);
        assertThat(Thread.interrupted()).as("interrupt flag after the call").isTrue();
        assertThat(outcome).isEqualTo(new Outcome.Completed<>("receipt-1", Origin.EXECUTED));
        assertThat(call(interrupted)).isEqualTo(new Outcome.Completed<>("receipt-1", Origin.REPLAYED));
    }

    @Test
    @Rule(11)
    void theLimitAppliesToEncryptedBytesAndALargerStoredResultIsNotDecoded() {
        Service service = new Service();
        ResultCodec<String> codec = EncryptedCodec.of(ResultCodec.text(), service);
        int fits = "receipt-1".length() + 2 + 2 + 12 + 16;
        PaidAction<String, String> tight =
                Gates.counting(runs).codec(codec).maxResultBytes(fits).build();
        assertThat(call(tight).isCompleted()).isTrue();
        PaidAction<String, String> tighter =
                Gates.counting(runs).codec(codec).maxResultBytes(fits - 1).build();
        int calls = service.calls.get();
        assertUnavailable(
                call(tighter),
                Failure.Codes.RESULT_TOO_LARGE,
                "has " + fits + " bytes, the action allows " + (fits - 1));
        assertThat(service.calls).hasValue(calls);
        assertUnavailable(gate.execute(tighter, OTHER, "in"), Failure.Codes.RESULT_TOO_LARGE, "has " + fits + " bytes");
        assertThat(call(tight).valueOrThrow()).isEqualTo("receipt-1");
        assertThat(runs).hasValue(2);
    }

    @Test
    void olderPlainRecordsAreReadableAfterEncryptionIsSwitchedOn() {
        PaidAction<String, String> plain = encrypted(ResultCodec.text());
        assertThat(call(plain).isCompleted()).isTrue();
        assertUnavailable(call(action), Failure.Codes.RESULT_NOT_DECODABLE, "it was stored by codec text/1");
        PaidAction<String, String> both =
                encrypted(codec("k1", Map.of("k1", K1)).readingPlain());
        assertThat(call(both)).isEqualTo(new Outcome.Completed<>("receipt-1", Origin.REPLAYED));
        assertThat(gate.execute(both, OTHER, "in").valueOrThrow()).isEqualTo("receipt-2");
        assertThat(store.stored(OTHER.in("charge-card")).result().codec()).isEqualTo("aes-gcm/1+text/1");
        assertThat(gate.execute(action, OTHER, "in").valueOrThrow()).isEqualTo("receipt-2");
        // Bytes that were encrypted are not taken for plain ones under a forged codec id.
        put(
                id,
                Payload.of(
                        "text/1", store.stored(OTHER.in("charge-card")).result().bytes()));
        assertUnavailable(call(both), Failure.Codes.RESULT_NOT_DECODABLE, "did not decode the result");
        assertThat(runs).hasValue(2);
    }

    @Test
    @Rule(11)
    void aNullResultIsAResultAndIsNotEncrypted() {
        PaidAction<String, @Nullable Void> silent = PaidAction.<String, @Nullable Void>named("send-sms")
                .run((input, attempt) -> {
                    runs.incrementAndGet();
                    return null;
                })
                .codec(EncryptedCodec.of(ResultCodec.nothing(), EncryptionKeys.of("k1", Map.of("k1", K1))))
                .build();
        assertThat(gate.execute(silent, KEY, "in").isCompleted()).isTrue();
        assertThat(gate.execute(silent, KEY, "in").isCompleted()).isTrue();
        assertThat(store.stored(KEY.in("send-sms")).result()).isEqualTo(Payload.ofNull("aes-gcm/1+void/1"));
        assertThat(runs).hasValue(1);
    }

    // Steps

    private PaidAction<String, String> twoSteps() {
        ResultCodec<String> codec = codec("k1", Map.of("k1", K1));
        return Gates.action((input, attempt) -> {
                    String hold = attempt.step("hold", codec, () -> "hold-" + runs.incrementAndGet());
                    String capture = attempt.step("capture", codec, () -> "capture-" + runs.incrementAndGet());
                    if (attempt.number() == 1) {
                        throw new IOException("the connection broke");
                    }
                    return hold + " " + capture;
                })
                .recovery(Recovery.rerun())
                .build();
    }

    @Test
    void anEncryptedStepIsGivenToTheNextAttempt() {
        assertThat(call(twoSteps()).valueOrThrow()).isEqualTo("hold-1 capture-2");
        List<Checkpoint> left = store.history(id, 1).checkpoints();
        assertThat(left)
                .hasSize(2)
                .allSatisfy(checkpoint -> assertThat(checkpoint.value().codec()).isEqualTo("aes-gcm/1+text/1"));
        assertThat(runs).hasValue(2);
    }

    @Test
    @Rule(11)
    void aStepThatWasExchangedForAnotherIsUnavailableAndNotRunAgain() {
        ModelStore exchanged = new ModelStore(gates.database) {
            @Override
            public KeyHistory history(RecordId id, int limit) {
                KeyHistory found = super.history(id, limit);
                List<Payload> values = new ArrayList<>(
                        found.checkpoints().stream().map(Checkpoint::value).toList());
                Collections.reverse(values);
                return new KeyHistory(
                        found.checkpoints().stream()
                                .map(checkpoint -> new Checkpoint(
                                        checkpoint.name(),
                                        values.remove(0),
                                        checkpoint.fence(),
                                        checkpoint.version(),
                                        checkpoint.at()))
                                .toList(),
                        found.entries());
            }
        };
        assertThat(gates.gate(exchanged).execute(twoSteps(), KEY, "in"))
                .isInstanceOfSatisfying(
                        Outcome.InDoubt.class,
                        doubt -> assertThat(doubt.failure().message())
                                .contains("Step \"hold\" was completed")
                                .contains("moved from another record"));
        assertThat(runs).hasValue(2);
    }
}
