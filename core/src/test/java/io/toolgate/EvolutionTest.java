package io.toolgate;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.annotation.JsonAlias;
import com.fasterxml.jackson.annotation.JsonIgnore;
import com.fasterxml.jackson.annotation.JsonProperty;
import com.fasterxml.jackson.annotation.JsonTypeInfo;
import com.fasterxml.jackson.annotation.JsonTypeName;
import io.toolgate.internal.codec.Jackson2Library;
import io.toolgate.internal.codec.Jackson3Library;
import io.toolgate.internal.codec.JsonLibrary;
import io.toolgate.store.contract.Rule;
import java.math.BigDecimal;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.Parameter;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * The sentences of EVOLUTION.md: two releases of a service, each with a gate of its own, on one store. Types whose
 * names begin with Old are those of the older release.
 */
@ParameterizedClass
@EnumSource
class EvolutionTest extends GateFixture {
    /** The library that both releases use. */
    enum Library {
        JACKSON_2,
        JACKSON_3;

        JsonLibrary json() {
            return this == JACKSON_2 ? new Jackson2Library() : new Jackson3Library();
        }
    }

    @Parameter
    @SuppressWarnings("NullAway.Init") // Set by JUnit.
    private Library library;

    private static final IdempotencyKey KEY = IdempotencyKey.of("order-981");

    private int releases;

    /** The outcome of a call of a release whose run, if it has one, returns {@code result}. */
    private <I extends @Nullable Object, R> Outcome<R> release(
            IdempotencyKey key, I input, ResultCodec<R> codec, R result) {
        PaidAction<I, R> action = PaidAction.<I, R>named("charge-card")
                .run((given, attempt) -> {
                    runs.incrementAndGet();
                    return result;
                })
                .codec(codec)
                .fingerprint(library.json().fingerprint())
                .build();
        return gates.gate(releases++ == 0 ? store : other).execute(action, key, input);
    }

    /** What the next release is given of a result of the one before. */
    private <A, B> Outcome<B> next(Class<A> before, A stored, Class<B> after, B unused) {
        IdempotencyKey key = IdempotencyKey.of("result-" + runs.get());
        assertThat(release(key, "in", library.json().codec(before), stored)).isInstanceOf(Outcome.Completed.class);
        int ran = runs.get();
        Outcome<B> replayed = release(key, "in", library.json().codec(after), unused);
        assertThat(runs).as("runs").hasValue(ran);
        return replayed;
    }

    private static <R> void assertReplays(Outcome<R> outcome, R expected) {
        assertThat(outcome).isEqualTo(new Outcome.Completed<>(expected, Outcome.Origin.REPLAYED));
    }

    private static void assertUnavailable(Outcome<?> outcome, String member) {
        assertThat(outcome)
                .isInstanceOfSatisfying(
                        Outcome.Unavailable.class,
                        unavailable -> assertThat(unavailable.reason().toString())
                                .contains(Failure.Codes.RESULT_NOT_DECODABLE)
                                .contains("\"" + member + "\""));
    }

    /** Whether a retry in the next release is the same request: it is replayed, and else in conflict. */
    private boolean isSame(Object before, Object after) {
        IdempotencyKey key = IdempotencyKey.of("input-" + releases);
        assertThat(release(key, before, ResultCodec.text(), "receipt").isCompleted())
                .isTrue();
        Outcome<String> retried = release(key, after, ResultCodec.text(), "another");
        if (!(retried instanceof Outcome.KeyConflict)) {
            assertReplays(retried, "receipt");
            return true;
        }
        return false;
    }

    record OldReceipt(String id, long cents) {}

    record ReceiptWithNote(String id, long cents, @Nullable String note, Optional<String> url) {}

    @Test
    @Rule(2)
    void aResultWithoutAMemberThatWasAddedHasNullThere() {
        assertReplays(
                next(
                        OldReceipt.class,
                        new OldReceipt("r-1", 5),
                        ReceiptWithNote.class,
                        new ReceiptWithNote("x", 1, "x", Optional.of("y"))),
                new ReceiptWithNote("r-1", 5, null, Optional.empty()));
    }

    record ReceiptWithPoints(String id, long cents, int points) {}

    record ReceiptWithBoxedPoints(
            String id, long cents, @Nullable Integer points) {}

    @Test
    @Rule(11)
    void aResultWithoutAPrimitiveMemberIsUnavailableAndWithAWrapperIsNot() {
        assertUnavailable(
                next(
                        OldReceipt.class,
                        new OldReceipt("r-1", 5),
                        ReceiptWithPoints.class,
                        new ReceiptWithPoints("x", 1, 1)),
                "points");
        assertReplays(
                next(
                        OldReceipt.class,
                        new OldReceipt("r-1", 5),
                        ReceiptWithBoxedPoints.class,
                        new ReceiptWithBoxedPoints("x", 1, 1)),
                new ReceiptWithBoxedPoints("r-1", 5, null));
    }

    @Test
    @Rule(2)
    void anOlderInstanceOfARollingDeployIgnoresWhatItDoesNotKnow() {
        assertReplays(
                next(
                        ReceiptWithNote.class,
                        new ReceiptWithNote("r-1", 5, "new", Optional.of("url")),
                        OldReceipt.class,
                        new OldReceipt("x", 1)),
                new OldReceipt("r-1", 5));
    }

    record RenamedReceipt(@JsonAlias("id") String receiptId, long cents) {}

    @Test
    @Rule(2)
    void aRenamedMemberIsReadByItsAlias() {
        assertReplays(
                next(OldReceipt.class, new OldReceipt("r-1", 5), RenamedReceipt.class, new RenamedReceipt("x", 1)),
                new RenamedReceipt("r-1", 5));
    }

    record DecimalReceipt(String id, BigDecimal cents) {}

    record DoubleReceipt(String id, double cents) {}

    @Test
    @Rule(2)
    void aNumberIsReadAsAWiderTypeAndNeverRoundedToAnInteger() {
        assertReplays(
                next(
                        OldReceipt.class,
                        new OldReceipt("r-1", 5),
                        DecimalReceipt.class,
                        new DecimalReceipt("x", BigDecimal.ONE)),
                new DecimalReceipt("r-1", new BigDecimal("5")));
        assertReplays(
                next(
                        DecimalReceipt.class,
                        new DecimalReceipt("r-1", new BigDecimal("5")),
                        OldReceipt.class,
                        new OldReceipt("x", 1)),
                new OldReceipt("r-1", 5));
        for (String decimal : List.of("5.5", "5.0")) {
            assertUnavailable(
                    next(
                            DecimalReceipt.class,
                            new DecimalReceipt("r-1", new BigDecimal(decimal)),
                            OldReceipt.class,
                            new OldReceipt("x", 1)),
                    "cents");
        }
        assertReplays(
                next(
                        OldReceipt.class,
                        new OldReceipt("r-1", (1L << 53) + 1),
                        DoubleReceipt.class,
                        new DoubleReceipt("x", 1)),
                new DoubleReceipt("r-1", 0x1p53));
    }

    enum OldStatus {
        PAID
    }

    enum Status {
        PAID,
        REFUNDED
    }

    record OldStatusReceipt(OldStatus status) {}

    record StatusReceipt(Status status) {}

    @Test
    @Rule(11)
    void aConstantThatAReleaseDoesNotKnowMakesAResultUnavailable() {
        assertReplays(
                next(
                        OldStatusReceipt.class,
                        new OldStatusReceipt(OldStatus.PAID),
                        StatusReceipt.class,
                        new StatusReceipt(Status.REFUNDED)),
                new StatusReceipt(Status.PAID));
        assertUnavailable(
                next(
                        StatusReceipt.class,
                        new StatusReceipt(Status.REFUNDED),
                        OldStatusReceipt.class,
                        new OldStatusReceipt(OldStatus.PAID)),
                "status");
    }

    @Test
    @Rule(11)
    void whatOneReleaseCannotReadIsReplayedByOneThatCan() {
        StatusReceipt refunded = new StatusReceipt(Status.REFUNDED);
        ResultCodec<StatusReceipt> codec = library.json().codec(StatusReceipt.class);
        assertThat(release(KEY, "in", codec, refunded).isCompleted()).isTrue();
        ResultCodec<OldStatusReceipt> old = library.json().codec(OldStatusReceipt.class);
        assertThat(release(KEY, "in", old, new OldStatusReceipt(OldStatus.PAID)))
                .isInstanceOf(Outcome.Unavailable.class);
        assertReplays(release(KEY, "in", codec, new StatusReceipt(Status.PAID)), refunded);
        assertThat(runs).hasValue(1);
    }

    @Test
    @Rule(11)
    void aResultOfAnotherCodecIsUnavailableUnlessTheCodecReadsIt() {
        assertThat(release(KEY, "in", ResultCodec.text(), "r-1").isCompleted()).isTrue();
        assertThat(release(KEY, "in", library.json().codec(String.class), "x")).isInstanceOf(Outcome.Unavailable.class);
        ResultCodec<String> both = new ResultCodec<>() {
            private final ResultCodec<String> json = library.json().codec(String.class);

            @Override
            public String id() {
                return json.id();
            }

            @Override
            public boolean reads(String codecId) {
                return codecId.equals("text/1") || codecId.equals(id());
            }

            @Override
            public byte[] encode(String result) throws Exception {
                return json.encode(result);
            }

            @Override
            public String decode(byte[] bytes) throws Exception {
                return json.decode(bytes);
            }

            @Override
            public String decode(byte[] bytes, String codecId, ResultContext context) throws Exception {
                return codecId.equals("text/1") ? new String(bytes, StandardCharsets.UTF_8) : decode(bytes);
            }
        };
        assertReplays(release(KEY, "in", both, "x"), "r-1");
        assertThat(runs).hasValue(1);
    }

    record OldCharge(String account, long cents) {}

    record ChargeWithNote(
            String account, long cents, @Nullable String note, Optional<String> campaign) {}

    @Test
    @Rule(9)
    void anInputMayGainAMemberThatIsNullInOlderRequests() {
        assertThat(isSame(new OldCharge("a", 5), new ChargeWithNote("a", 5, null, Optional.empty())))
                .isTrue();
        assertThat(isSame(new OldCharge("a", 5), new ChargeWithNote("a", 5, "new", Optional.empty())))
                .isFalse();
        assertThat(isSame(new ChargeWithNote("a", 5, null, Optional.empty()), new OldCharge("a", 5)))
                .as("on an older instance of a rolling deploy")
                .isTrue();
        assertThat(isSame(new ChargeWithNote("a", 5, "new", Optional.empty()), new OldCharge("a", 5)))
                .isFalse();
    }

    record ChargeWithPriority(String account, long cents, int priority, List<String> tags) {}

    @Test
    @Rule(9)
    void aMemberThatIsNotNullMakesAnotherInput() {
        assertThat(isSame(new OldCharge("a", 5), new ChargeWithPriority("a", 5, 0, List.of())))
                .isFalse();
    }

    record ChargeWithMethods(String account, long cents) {
        public boolean isLarge() {
            return cents > 100;
        }

        public String getLabel() {
            return account + cents;
        }
    }

    @SuppressWarnings("unused") // Read by Jackson.
    static final class ChargeBean {
        private final String account = "a";
        private final long cents = 5;

        public String getAccount() {
            return account;
        }

        public long getCents() {
            return cents;
        }

        @JsonIgnore
        public boolean isLarge() {
            return cents > 100;
        }
    }

    @Test
    @Rule(9)
    void methodsOfARecordAndIgnoredGettersOfABeanAreNoMembers() {
        assertThat(isSame(new OldCharge("a", 5), new ChargeWithMethods("a", 5))).isTrue();
        assertThat(isSame(new OldCharge("a", 5), new ChargeBean())).isTrue();
    }

    record ChargeWithTrace(
            String account, long cents, @JsonIgnore String traceId) {}

    @Test
    @Rule(9)
    void aMemberThatIsIgnoredIsNotCompared() {
        assertThat(isSame(new ChargeWithTrace("a", 5, "t-1"), new ChargeWithTrace("a", 5, "t-2")))
                .isTrue();
        assertThat(isSame(new OldCharge("a", 5), new ChargeWithTrace("a", 5, "t-1")))
                .isTrue();
    }

    record ReorderedCharge(
            BigDecimal cents, @JsonProperty("account") String accountId) {}

    record RenamedCharge(String accountId, long cents) {}

    @Test
    @Rule(9)
    void orderNumericTypeAndClassNameDoNotMatterAndAMembersNameDoes() {
        assertThat(isSame(new OldCharge("a", 5), new ReorderedCharge(new BigDecimal("5.00"), "a")))
                .isTrue();
        assertThat(isSame(new OldCharge("a", 5), new RenamedCharge("a", 5))).isFalse();
    }

    record Listed(List<String> items) {}

    record AsSet(Set<String> items) {}

    @Test
    @Rule(9)
    void aSetIsNoList() {
        assertThat(isSame(new Listed(List.of("a")), new AsSet(Set.of("a")))).isFalse();
    }

    interface Method {}

    record OldCard(String number) implements Method {}

    record Card(String number) implements Method {}

    record OldPayment(Method method) {}

    record Payment(Method method) {}

    @JsonTypeInfo(use = JsonTypeInfo.Id.NAME)
    interface NamedMethod {}

    @JsonTypeName("card")
    record OldNamedCard(String number) implements NamedMethod {}

    @JsonTypeName("card")
    record NamedCard(String number) implements NamedMethod {}

    record OldNamedPayment(NamedMethod method) {}

    record NamedPayment(NamedMethod method) {}

    @Test
    @Rule(9)
    void aClassThatIsOneOfSeveralIsRenamedOnlyWhereItsNameIsDeclared() {
        assertThat(isSame(new OldCard("4711"), new Card("4711"))).isFalse();
        assertThat(isSame(new OldPayment(new OldCard("4711")), new Payment(new Card("4711"))))
                .isFalse();
        assertThat(isSame(new OldPayment(new Card("4711")), new Payment(new Card("4711"))))
                .isTrue();
        assertThat(isSame(new OldNamedCard("4711"), new NamedCard("4711"))).isTrue();
        assertThat(isSame(new OldNamedPayment(new OldNamedCard("4711")), new NamedPayment(new NamedCard("4711"))))
                .isTrue();
    }

    static class OldAddress {
        public final String street = "s";
    }

    record Address(String street) {}

    record OldParcel(OldAddress to) {}

    record Parcel(Address to) {}

    @Test
    @Rule(9)
    void aMembersClassMayBecomeARecord() {
        assertThat(isSame(new OldParcel(new OldAddress()), new Parcel(new Address("s"))))
                .isTrue();
    }
}
