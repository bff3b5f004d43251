package io.toolgate;

import static io.toolgate.Gates.KEY;
import static org.assertj.core.api.Assertions.assertThat;

import io.toolgate.store.IdempotencyRecord;
import io.toolgate.store.Payload;
import io.toolgate.store.contract.ModelConnection;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Card numbers in the messages of an action's exceptions: what is written of them in records and in the log. */
@SuppressWarnings("CheckReturnValue") // Much is done here for what it does to the record.
class RedactionTest extends GateFixture {
    private static final String CARD = "4111111111111111";

    private final List<Failure> told = new ArrayList<>();
    private final ToolGate gate = gates.gate(ToolGate.on(store).listener(new ToolGateListener() {
        @Override
        public void inDoubt(Event event, Failure failure) {
            told.add(failure);
        }
    }));

    /** An action whose code quotes the card in {@code what}, which {@code with} adds to it. */
    private record Quoting(String what, UnaryOperator<PaidAction.Builder<String, String>> with) {
        @Override
        public String toString() {
            return what;
        }
    }

    private static IllegalStateException quoting() {
        IllegalStateException thrown = new IllegalStateException(
                "declined " + CARD, new IllegalArgumentException("Key (card)=(" + CARD + ")"));
        thrown.addSuppressed(new IllegalStateException("and " + CARD));
        return thrown;
    }

    private static PaidAction.Builder<String, String> failing(PaidAction.Builder<String, String> action) {
        return action.run((input, attempt) -> {
            throw quoting();
        });
    }

    static Stream<Quoting> places() {
        return Stream.of(
                new Quoting("the run, held", RedactionTest::failing),
                new Quoting("the run, run again", action -> failing(action).recovery(Recovery.rerun())),
                new Quoting(
                        "an error of the run",
                        action -> action.run((input, attempt) -> {
                            throw new AssertionError("card " + CARD);
                        })),
                new Quoting(
                        "the classifier's own exception",
                        action -> failing(action).classify(thrown -> {
                            throw quoting();
                        })),
                new Quoting(
                        "a failure of the classifier",
                        action -> failing(action).classify(thrown -> Failure.rejected("declined", "card " + CARD))),
                new Quoting(
                        "a failure without effect", action -> failing(action).classify(Failure::notExecuted)),
                new Quoting(
                        "the probe",
                        action -> failing(action).recovery(Recovery.probe(attempt -> {
                            throw quoting();
                        }))),
                new Quoting(
                        "an error of the probe",
                        action -> failing(action).recovery(Recovery.probe(attempt -> {
                            throw new AssertionError("card " + CARD);
                        }))),
                new Quoting(
                        "the rows",
                        action -> action.storing(ModelConnection.class, (connection, completion) -> {
                            throw quoting();
                        })),
                new Quoting(
                        "the encoder",
                        action -> action.codec(new TestCodec<>(
                                "x/1",
                                value -> {
                                    throw quoting();
                                },
                                bytes -> ""))),
                new Quoting(
                        "the decoder",
                        action -> action.codec(new TestCodec<>("x/1", String::getBytes, bytes -> {
                            throw quoting();
                        }))),
                new Quoting(
                        "the decoder of the input",
                        action -> action.remembering(new TestCodec<>("x/1", String::getBytes, bytes -> {
                                    throw quoting();
                                }))
                                .run((input, attempt) ->
                                        attempt.input(String.class).orElse("none"))),
                new Quoting(
                        "the encoder of a step",
                        action -> action.run((input, attempt) -> attempt.step(
                                "s",
                                new TestCodec<>(
                                        "x/1",
                                        value -> {
                                            throw quoting();
                                        },
                                        bytes -> ""),
                                () -> "v"))));
    }

    @ParameterizedTest
    @MethodSource("places")
    void isAppliedToWhateverIsWrittenOf(Quoting place) throws Exception {
        PaidAction<String, String> action = place.with()
                .apply(Gates.counting(runs))
                .redact(message -> message.replace(CARD, "[card]"))
                .build();
        String log = TestLog.of(() -> {
            try {
                told.addAll(failureOf(gate.execute(action, KEY, "in")));
            } catch (AssertionError e) {
                assertThat(e).as("the run's own error").hasMessageContaining(CARD);
            }
        });
        String written = written();
        assertThat(log + written + told)
                .doesNotContain(CARD)
                .as("the text is there, with its redaction")
                .contains("[card]");
    }

    @Test
    void nothingIsRedactedByDefault() throws Exception {
        PaidAction<String, String> action =
                failing(Gates.counting(runs)).recovery(Recovery.rerun()).build();
        String log = TestLog.of(() -> gate.execute(action, KEY, "in"));
        assertThat(written()).contains(CARD);
        assertThat(log).contains("java.lang.IllegalStateException: declined " + CARD);
    }

    @Test
    void theLogKeepsTypesCausesAndStackTraces() throws Exception {
        PaidAction<String, String> action = failing(Gates.counting(runs))
                .recovery(Recovery.rerun())
                .redact(message -> "")
                .build();
        assertThat(TestLog.of(() -> gate.execute(action, KEY, "in")))
                .contains("java.lang.IllegalStateException: \n", "at io.toolgate.RedactionTest.quoting(")
                .contains("Redacted: java.lang.IllegalArgumentException: \n")
                .contains("Suppressed: ", "Caused by: ")
                .doesNotContain(CARD);
    }

    @Test
    void theCallerThatRanIsGivenItsException() {
        PaidAction<String, String> action =
                failing(Gates.counting(runs)).redact(message -> "").build();
        Failure failure = failureOf(gate.execute(action, KEY, "in")).get(0);
        assertThat(failure.message()).isEmpty();
        assertThat(failure.cause().orElseThrow()).hasMessage("declined " + CARD);
    }

    @Test
    void aRedactionThatThrowsLeavesTheMessageOutAndChangesNothingElse() {
        PaidAction<String, String> action = failing(Gates.counting(runs))
                .classify(thrown -> Failure.notExecuted(thrown).rememberedByProvider())
                .redact(message -> {
                    throw new IllegalArgumentException(message);
                })
                .build();
        assertThat(failureOf(gate.execute(action, KEY, "in")).get(0).message())
                .isEqualTo("(left out: its redaction threw java.lang.IllegalArgumentException)");
        assertThat(Objects.requireNonNull(store.stored(id)).numbers().providerKey())
                .as("the provider remembers it, with any message")
                .isEqualTo(1);
    }

    @Test
    void causesInACircleEnd() throws Exception {
        PaidAction<String, String> action = Gates.action((input, attempt) -> {
                    Exception one = new Exception("one " + CARD);
                    one.initCause(new Exception("two " + CARD, one));
                    throw one;
                })
                .recovery(Recovery.rerun())
                .redact(message -> message.replace(CARD, "[card]"))
                .build();
        assertThat(TestLog.of(() -> gate.execute(action, KEY, "in")))
                .contains("two [card]")
                .doesNotContain(CARD);
    }

    private static List<Failure> failureOf(Outcome<String> outcome) {
        return outcome.fold(
                completed -> List.of(),
                rejected -> List.of(rejected.failure()),
                retryable -> List.of(retryable.failure()),
                inProgress -> List.of(),
                inDoubt -> List.of(inDoubt.failure()),
                conflict -> List.of(),
                unavailable -> List.of(unavailable.reason()),
                lost -> List.of());
    }

    /** Everything that is stored of the key. */
    private String written() {
        IdempotencyRecord record = Objects.requireNonNull(store.stored(id));
        StringBuilder text = new StringBuilder(String.valueOf(record.failure()));
        Payload result = record.result();
        if (result != null && !result.isAvailable()) {
            text.append(result.reason());
        }
        store.history(id, 10)
                .checkpoints()
                .forEach(checkpoint -> text.append(new String(checkpoint.value().bytes(), StandardCharsets.UTF_8)));
        return text.toString();
    }
}
