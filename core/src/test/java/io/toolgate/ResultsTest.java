package io.toolgate;

import static io.toolgate.Gates.KEY;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.toolgate.Outcome.Origin;
import io.toolgate.store.Payload;
import io.toolgate.store.RecordState;
import io.toolgate.store.StoreException;
import io.toolgate.store.contract.ModelStore.Operation;
import io.toolgate.store.contract.Rule;
import java.net.SocketTimeoutException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Results: null and empty ones, and those that cannot be encoded, stored or decoded. */
class ResultsTest extends GateFixture {
    private final ToolGate gate = gates.gate(store);

    private <R> PaidAction<String, @Nullable R> returningNull(String name, ResultCodec<@Nullable R> codec) {
        return PaidAction.<String, @Nullable R>named(name)
                .run((input, attempt) -> {
                    runs.incrementAndGet();
                    return null;
                })
                .codec(codec)
                .build();
    }

    @Test
    @Rule(11)
    void nullAndEmptyResultsAreResults() {
        PaidAction<String, @Nullable String> nothing = returningNull("nothing", ResultCodec.text());
        assertThat(gate.execute(nothing, KEY, "in")).isEqualTo(new Outcome.Completed<>(null, Origin.EXECUTED));
        assertThat(gate.execute(nothing, KEY, "in")).isEqualTo(new Outcome.Completed<>(null, Origin.REPLAYED));
        PaidAction<String, String> empty = Gates.action((input, attempt) -> {
                    runs.incrementAndGet();
                    return "";
                })
                .build();
        assertThat(gate.execute(empty, KEY, "in").valueOrThrow()).isEmpty();
        assertThat(gate.execute(empty, KEY, "in").valueOrThrow()).isEmpty();
        assertThat(runs).hasValue(2);
    }

    @Test
    void anActionThatReturnsNothingIsReplayedAsDone() {
        PaidAction<String, @Nullable Void> action = returningNull("send-sms", ResultCodec.nothing());
        assertThat(gate.execute(action, KEY, "in").isCompleted()).isTrue();
        assertThat(gate.execute(action, KEY, "in").isCompleted()).isTrue();
        assertThat(runs).hasValue(1);
    }

    private void assertUnavailable(Outcome<String> outcome, String code, @Nullable String local) {
        assertThat(outcome).isInstanceOfSatisfying(Outcome.Unavailable.class, unavailable -> {
            assertThat(unavailable.reason().code()).isEqualTo(code);
            assertThat(unavailable.local()).isEqualTo(local);
        });
        assertThatThrownBy(outcome::valueOrThrow)
                .isInstanceOf(ToolGateException.ResultUnavailable.class)
                .hasMessageContaining("took effect")
                .hasMessageContaining("will not run again");
    }

    @Test
    @Rule(11)
    void aResultThatCannotBeEncodedIsDoneButUnavailable() {
        PaidAction<String, String> action = Gates.action((input, attempt) -> {
                    runs.incrementAndGet();
                    return "\uD83D";
                })
                .build();
        assertUnavailable(gate.execute(action, KEY, "in"), Failure.Codes.RESULT_NOT_ENCODABLE, "\uD83D");
        assertUnavailable(gate.execute(action, KEY, "in"), Failure.Codes.RESULT_NOT_ENCODABLE, null);
        assertThat(store.stored(id).state()).isEqualTo(RecordState.COMPLETED);
        assertThat(runs).hasValue(1);
    }

    @Test
    @Rule(11)
    void aCodecThatThrowsAnErrorLeavesNoKeyOpen() {
        ResultCodec<String> broken = new TestCodec<>(
                "broken/1",
                result -> {
                    throw new StackOverflowError();
                },
                bytes -> "");
        PaidAction<String, String> action = Gates.counting(runs).codec(broken).build();
        assertUnavailable(gate.execute(action, KEY, "in"), Failure.Codes.RESULT_NOT_ENCODABLE, "receipt-1");
        assertThat(store.stored(id).state()).isEqualTo(RecordState.COMPLETED);
    }

    @Test
    @Rule(11)
    void aResultOverTheLimitIsDoneButUnavailable() {
        PaidAction<String, String> action = Gates.action((input, attempt) -> {
                    runs.incrementAndGet();
                    return input;
                })
                .maxResultBytes(10)
                .build();
        assertThat(gate.execute(action, IdempotencyKey.of("ten"), "0123456789").valueOrThrow())
                .isEqualTo("0123456789");
        assertUnavailable(gate.execute(action, KEY, "0123456789a"), Failure.Codes.RESULT_TOO_LARGE, "0123456789a");
        assertUnavailable(gate.execute(action, KEY, "0123456789a"), Failure.Codes.RESULT_TOO_LARGE, null);
        assertThat(runs).hasValue(2);
    }

    @Test
    @Rule(11)
    void aResultThatTheStoreRefusesIsDoneButUnavailable() {
        PaidAction<String, String> action = Gates.counting(runs).build();
        store.hooks().failNext(Operation.COMPLETE, 1, () -> new StoreException.Refused("the row is too large", null));
        assertUnavailable(gate.execute(action, KEY, "in"), Failure.Codes.RESULT_NOT_STORABLE, "receipt-1");
        assertUnavailable(gate.execute(action, KEY, "in"), Failure.Codes.RESULT_NOT_STORABLE, null);
        assertThat(runs).hasValue(1);
    }

    @Test
    @Rule(11)
    void aStoredResultThatCannotBeDecodedIsUnavailableAndNotRunAgain() {
        AtomicBoolean broken = new AtomicBoolean();
        ResultCodec<String> codec = new ResultCodec<>() {
            @Override
            public String id() {
                return broken.get() ? "v2" : "v1";
            }

            @Override
            public byte[] encode(String result) {
                return result.getBytes(StandardCharsets.UTF_8);
            }

            @Override
            public String decode(byte[] bytes) {
                throw new IllegalStateException("cannot read v1 any more");
            }
        };
        PaidAction<String, String> action = Gates.counting(runs).codec(codec).build();
        assertUnavailable(gate.execute(action, KEY, "in"), Failure.Codes.RESULT_NOT_DECODABLE, "receipt-1");
        assertUnavailable(gate.execute(action, KEY, "in"), Failure.Codes.RESULT_NOT_DECODABLE, null);
        broken.set(true);
        assertUnavailable(gate.execute(action, KEY, "in"), Failure.Codes.RESULT_NOT_DECODABLE, null);
        assertThat(store.stored(id).result()).isEqualTo(Payload.of("v1", "receipt-1".getBytes(StandardCharsets.UTF_8)));
        assertThat(runs).hasValue(1);
    }

    @Test
    @Rule(11)
    void aDecoderThatThrowsAnErrorMakesAResultUnavailable() {
        ResultCodec<String> codec = new TestCodec<>("x/1", String::getBytes, bytes -> {
            throw new AssertionError("bad");
        });
        PaidAction<String, String> action = Gates.counting(runs).codec(codec).build();
        assertUnavailable(gate.execute(action, KEY, "in"), Failure.Codes.RESULT_NOT_DECODABLE, "receipt-1");
        assertUnavailable(gate.execute(action, KEY, "in"), Failure.Codes.RESULT_NOT_DECODABLE, null);
    }

    @Test
    @Rule(11)
    void aDecoderThatReturnsNullMakesAResultUnavailable() {
        PaidAction<String, String> action =
                Gates.counting(runs).codec(forgetful()).build();
        assertUnavailable(gate.execute(action, KEY, "in"), Failure.Codes.RESULT_NOT_DECODABLE, "receipt-1");
        assertUnavailable(gate.execute(action, KEY, "in"), Failure.Codes.RESULT_NOT_DECODABLE, null);
        assertThat(store.stored(id).result())
                .isEqualTo(Payload.of("x/1", "receipt-1".getBytes(StandardCharsets.UTF_8)));
    }

    @SuppressWarnings("NullAway") // Breaks the contract of a codec.
    private static ResultCodec<String> forgetful() {
        return new TestCodec<>("x/1", String::getBytes, bytes -> null);
    }

    /** Text in lower case: what is read differs from what was returned, as a time does whose zone is not kept. */
    private static final ResultCodec<String> LOWER = new TestCodec<>(
            "lower/1", result -> result.toLowerCase(Locale.ROOT).getBytes(StandardCharsets.UTF_8), String::new);

    @Test
    @Rule(2)
    void theOwnerIsGivenWhatWasStored() throws Exception {
        PaidAction<String, String> action =
                Gates.action((input, attempt) -> "RECEIPT").codec(LOWER).build();
        assertThat(gate.execute(action, KEY, "in")).isEqualTo(new Outcome.Completed<>("receipt", Origin.EXECUTED));
        assertThat(gate.execute(action, KEY, "in")).isEqualTo(new Outcome.Completed<>("receipt", Origin.REPLAYED));
        assertThat(Gates.get(gate.executeAsync(action, IdempotencyKey.of("another"), "in")))
                .isEqualTo(new Outcome.Completed<>("receipt", Origin.EXECUTED));
    }

    @Test
    @Rule(2)
    void theCallThatProbedIsGivenWhatWasStored() {
        PaidAction<String, String> action = timingOut()
                .codec(LOWER)
                .recovery(Recovery.probe(attempt -> ProbeResult.happened("RECEIPT")))
                .build();
        assertThat(gate.execute(action, KEY, "in")).isEqualTo(new Outcome.Completed<>("receipt", Origin.RECOVERED));
    }

    @Test
    @Rule({2, 6})
    void anOwnerWhoseLateResultIsAcceptedIsGivenWhatWasStored() throws Exception {
        Breakpoint late = new Breakpoint();
        PaidAction<String, String> action =
                Gates.stoppingAt(late, "RECEIPT").codec(LOWER).build();
        Future<Outcome<String>> call = gates.start(() -> gate.execute(action, KEY, "in"));
        late.awaitReached();
        store.advance(Duration.ofSeconds(31));
        assertThat(gates.gate(other).execute(action, KEY, "in")).isInstanceOf(Outcome.InDoubt.class);
        late.resume();
        assertThat(Gates.get(call)).isEqualTo(new Outcome.Completed<>("receipt", Origin.EXECUTED));
    }

    @Test
    @Rule({2, 5})
    void anAttemptIsGivenTheResultOfItsStepAsTheNextOneIs() {
        List<String> given = new ArrayList<>();
        PaidAction<String, String> action = timingOut()
                .run((input, attempt) -> {
                    given.add(attempt.step("reserve", LOWER, () -> "RESERVATION"));
                    if (attempt.number() == 1) {
                        throw new SocketTimeoutException("read timed out");
                    }
                    return "receipt";
                })
                .recovery(Recovery.rerun())
                .build();
        assertThat(gate.execute(action, KEY, "in").isCompleted()).isTrue();
        assertThat(given).containsExactly("reservation", "reservation");
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void anInterruptOfACodecIsKeptAlsoWhereTheCodecWrapsIt(boolean redacted) {
        Throwable wrapped = new IllegalStateException("key service", new InterruptedException());
        ResultCodec<String> interrupted = new TestCodec<>("x/1", String::getBytes, bytes -> {
            throw new IllegalStateException("decoder", wrapped);
        });
        PaidAction.Builder<String, String> action = Gates.counting(runs).codec(interrupted);
        if (redacted) {
            action.redact(message -> "");
        }
        assertThat(gate.execute(action.build(), KEY, "in")).isInstanceOf(Outcome.Unavailable.class);
        assertThat(Thread.interrupted()).isTrue();
    }

    @Test
    void causesInACircleEndNoCodec() {
        IllegalStateException one = new IllegalStateException("one");
        IllegalStateException two = new IllegalStateException("two", one);
        one.initCause(two);
        ResultCodec<String> broken = new TestCodec<>("x/1", String::getBytes, bytes -> {
            throw one;
        });
        PaidAction<String, String> action = Gates.counting(runs).codec(broken).build();
        assertUnavailable(gate.execute(action, KEY, "in"), Failure.Codes.RESULT_NOT_DECODABLE, "receipt-1");
    }

    /** A key service gives up when the thread was interrupted: that must make no stored result unavailable. */
    @Test
    @Rule(2)
    void aReplayOnAnInterruptedThreadIsDecoded() {
        ResultCodec<String> interruptible = new TestCodec<>("x/1", String::getBytes, bytes -> {
            if (Thread.interrupted()) {
                throw new InterruptedException();
            }
            return new String(bytes, StandardCharsets.UTF_8);
        });
        PaidAction<String, String> action =
                Gates.counting(runs).codec(interruptible).build();
        assertThat(gate.execute(action, KEY, "in").isCompleted()).isTrue();
        Thread.currentThread().interrupt();
        Outcome<String> replayed = gate.execute(action, KEY, "in");
        assertThat(Thread.interrupted()).isTrue();
        assertThat(replayed).isEqualTo(new Outcome.Completed<>("receipt-1", Origin.REPLAYED));
    }

    @Test
    void theListenerIsToldOfTheFirstResultThatCannotBeRead() {
        List<String> unavailable = new CopyOnWriteArrayList<>();
        ToolGate told = gates.gate(ToolGate.on(store).listener(new ToolGateListener() {
            @Override
            public void resultUnavailable(Event event, Failure reason) {
                unavailable.add(reason.code());
            }
        }));
        PaidAction<String, String> action =
                Gates.counting(runs).codec(forgetful()).build();
        assertThat(told.execute(action, KEY, "in")).isInstanceOf(Outcome.Unavailable.class);
        assertThat(unavailable).containsExactly(Failure.Codes.RESULT_NOT_DECODABLE);
    }

    @Test
    void aCodecWithoutAnIdIsRefusedBeforeAnythingRuns() {
        ResultCodec<String> nameless = new TestCodec<>("", result -> new byte[0], bytes -> "");
        assertThatThrownBy(() -> Gates.counting(runs).codec(nameless).build())
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("codec id is empty");
    }
}
