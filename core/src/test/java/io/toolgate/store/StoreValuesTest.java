package io.toolgate.store;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.toolgate.Failure;
import io.toolgate.store.ClaimOutcome.Acquired;
import io.toolgate.store.ClaimOutcome.Busy;
import io.toolgate.store.ClaimOutcome.Finished;
import io.toolgate.store.ClaimOutcome.InDoubt;
import io.toolgate.store.ClaimOutcome.Mismatched;
import io.toolgate.store.ClaimOutcome.Paused;
import io.toolgate.store.ClaimOutcome.Previous;
import io.toolgate.store.ClaimRequest.OnUnknown;
import io.toolgate.store.TransitionOutcome.AlreadyApplied;
import io.toolgate.store.TransitionOutcome.Applied;
import io.toolgate.store.TransitionOutcome.LeaseLost;
import io.toolgate.store.contract.Rule;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.Instant;
import java.util.HashSet;
import java.util.HexFormat;
import java.util.Set;
import java.util.UUID;
import org.junit.jupiter.api.Test;

/** Values that the executor and a store exchange. */
class StoreValuesTest {
    private static final RecordId ID = RecordId.of("t", "a", "k");
    private static final ClaimToken TOKEN = new ClaimToken(0x0123456789abcdefL, 0xfedcba9876543210L);
    private static final Duration SECOND = Duration.ofSeconds(1);
    private static final Instant NOW = Instant.parse("2026-01-01T00:00:00Z");

    private static final IdempotencyRecord RECORD = new IdempotencyRecord(
            ID,
            RecordState.IN_PROGRESS,
            3,
            5,
            TOKEN,
            "owner",
            NOW.plusSeconds(10),
            InputFingerprint.ofCanonical(new byte[0]),
            false,
            RecordNumbers.FIRST,
            null,
            null,
            NOW,
            NOW,
            NOW.plusSeconds(100),
            NOW);

    // Tokens

    @Test
    @Rule(4)
    void aTokenShowsLogsAQuarterOfItself() {
        assertThat(TOKEN.toString()).isEqualTo("ClaimToken[01234567…]");
        assertThat(new Lease(ID, TOKEN, 1).toString())
                .doesNotContain("89abcdef")
                .doesNotContain("fedcba98");
        assertThat(RECORD.toString()).doesNotContain("89abcdef").doesNotContain("fedcba98");
    }

    @Test
    @Rule(4)
    void aTokenIsItsUuidBitForBit() {
        assertThat(TOKEN.toUuid()).isEqualTo(UUID.fromString("01234567-89ab-cdef-fedc-ba9876543210"));
        assertThat(ClaimToken.of(TOKEN.toUuid())).isEqualTo(TOKEN);
    }

    @Test
    @Rule(4)
    void freshTokensAre128RandomBits() {
        SecureRandom random = new SecureRandom();
        Set<ClaimToken> drawn = new HashSet<>();
        long highOr = 0;
        long lowOr = 0;
        long highAnd = -1;
        long lowAnd = -1;
        for (int i = 0; i < 1000; i++) {
            ClaimToken token = ClaimToken.random(random);
            assertThat(drawn.add(token)).isTrue();
            highOr |= token.high();
            lowOr |= token.low();
            highAnd &= token.high();
            lowAnd &= token.low();
        }
        // That one given bit is the same in 1,000 draws happens once in 2^999 times: no bit is fixed.
        assertThat(new long[] {highOr, lowOr}).containsOnly(-1L);
        assertThat(new long[] {highAnd, lowAnd}).containsOnly(0L);
    }

    // Fingerprints

    @Test
    @Rule(9)
    void aFingerprintIsTheHashOfTheCanonicalBytes() throws Exception {
        byte[] canonical = "{\"amount\":1}".getBytes(StandardCharsets.UTF_8);
        InputFingerprint fingerprint = InputFingerprint.ofCanonical(canonical);
        assertThat(fingerprint.bytes())
                .isEqualTo(MessageDigest.getInstance("SHA-256").digest(canonical));
        assertThat(HexFormat.of()
                        .formatHex(InputFingerprint.ofCanonical(new byte[0]).bytes()))
                .isEqualTo("e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
        assertThat(InputFingerprint.ofStored(fingerprint.bytes()))
                .isEqualTo(fingerprint)
                .hasSameHashCodeAs(fingerprint);
        assertThat(fingerprint).isNotEqualTo(InputFingerprint.ofCanonical(new byte[] {1}));
    }

    @Test
    @Rule(9)
    void aFingerprintIsImmutableAndOfOneLength() {
        byte[] stored = new byte[32];
        InputFingerprint fingerprint = InputFingerprint.ofStored(stored);
        stored[0] = 1;
        fingerprint.bytes()[1] = 1;
        assertThat(fingerprint.bytes()).containsOnly(0);
        assertThatThrownBy(() -> InputFingerprint.ofStored(new byte[31]))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("a fingerprint has 32 bytes, not 31");
        assertThat(fingerprint.toString()).isEqualTo("InputFingerprint[0000000000000000…]");
    }

    // Payloads

    @Test
    @Rule(2)
    void theFormsOfAPayloadAreNeverEqual() {
        Payload empty = Payload.of("text", new byte[0]);
        Payload none = Payload.ofNull("text");
        Payload unavailable = Payload.unavailable(Failure.rejected("too-large", ""));
        assertThat(Set.of(empty, none, unavailable, Payload.of("json", new byte[0]), Payload.ofNull("json")))
                .hasSize(5);
        assertThat(empty).isEqualTo(Payload.of("text", new byte[0])).hasSameHashCodeAs(Payload.of("text", new byte[0]));
        assertThat(none).isEqualTo(Payload.ofNull("text"));
        assertThat(unavailable).isEqualTo(Payload.unavailable(Failure.rejected("too-large", "")));
    }

    @Test
    @Rule(2)
    void aPayloadGivesOnlyThePartsThatItHas() {
        Payload bytes = Payload.of("text", new byte[] {1, 2});
        assertThat(bytes.isAvailable()).isTrue();
        assertThat(bytes.isNull()).isFalse();
        assertThat(bytes.size()).isEqualTo(2);
        assertThatThrownBy(bytes::reason).isInstanceOf(IllegalStateException.class);
        Payload none = Payload.ofNull("text");
        assertThat(none.isNull()).isTrue();
        assertThat(none.size()).isZero();
        assertThatThrownBy(none::bytes).isInstanceOf(IllegalStateException.class);
        Payload unavailable = Payload.unavailable(Failure.rejected("too-large", "10 MiB"));
        assertThat(unavailable.isAvailable()).isFalse();
        assertThat(unavailable.isNull()).isFalse();
        assertThat(unavailable.size()).isZero();
        assertThatThrownBy(unavailable::codec).isInstanceOf(IllegalStateException.class);
        assertThatThrownBy(unavailable::bytes).isInstanceOf(IllegalStateException.class);
    }

    @Test
    @Rule(2)
    void aPayloadIsImmutableAndKeepsItsContentOutOfLogs() {
        byte[] given = "secret".getBytes(StandardCharsets.UTF_8);
        Payload payload = Payload.of("text", given);
        given[0] = 0;
        payload.bytes()[1] = 0;
        assertThat(payload.bytes()).isEqualTo("secret".getBytes(StandardCharsets.UTF_8));
        assertThat(payload.toString()).isEqualTo("Payload[text, 6 bytes]");
        assertThat(Payload.ofNull("text").toString()).isEqualTo("Payload[text, null]");
        assertThat(Payload.unavailable(Failure.rejected("too-large", "secret")).toString())
                .isEqualTo("Payload[unavailable: too-large]");
    }

    @Test
    void aPayloadRefusesInvalidArguments() {
        assertThatThrownBy(() -> Payload.of("", new byte[0])).hasMessageContaining("codec id is empty");
        assertThatThrownBy(() -> Payload.of("text", null)).isInstanceOf(NullPointerException.class);
        assertThatThrownBy(() -> Payload.unavailable(null)).isInstanceOf(NullPointerException.class);
    }

    // Requests and leases

    private static ClaimRequest request(String owner, Duration lease, Duration retention, int maxAttempts) {
        return new ClaimRequest(
                ID,
                TOKEN,
                owner,
                InputFingerprint.ofCanonical(new byte[0]),
                lease,
                retention,
                OnUnknown.HOLD,
                maxAttempts);
    }

    @Test
    @Rule(13)
    void aRetentionShorterThanTheLeaseIsRefusedWithTheRemedy() {
        assertThatThrownBy(() -> request("owner", SECOND, Duration.ofMillis(999), 1))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage(
                        "retention PT0.999S is shorter than the lease PT1S; raise the retention or shorten the lease");
        assertThat(request("owner", SECOND, SECOND, 1).retention()).isEqualTo(SECOND);
    }

    @Test
    void aRequestNamesTheInvalidArgument() {
        assertThatThrownBy(() -> request("", SECOND, SECOND, 1)).hasMessageContaining("owner is empty");
        assertThatThrownBy(() -> request("o".repeat(256), SECOND, SECOND, 1)).hasMessageContaining("owner");
        assertThatThrownBy(() -> request("owner", Duration.ZERO, SECOND, 1))
                .hasMessageContaining("lease is PT0S; it must be at least 1 ms");
        assertThatThrownBy(() -> request("owner", Duration.ofDays(36_501), Duration.ofDays(36_501), 1))
                .hasMessageContaining("lease");
        assertThatThrownBy(() -> request("owner", SECOND, SECOND.negated(), 1)).hasMessageContaining("retention");
        assertThatThrownBy(() -> request("owner", SECOND, SECOND, 0))
                .hasMessageContaining("maxAttempts is 0; it must be at least 1");
        assertThatThrownBy(() ->
                        new ClaimRequest(ID, null, "owner", RECORD.fingerprint(), SECOND, SECOND, OnUnknown.HOLD, 1))
                .isInstanceOf(NullPointerException.class)
                .hasMessageContaining("token is null");
    }

    @Test
    void aLeaseRefusesInvalidArguments() {
        assertThatThrownBy(() -> new Lease(ID, TOKEN, 0)).hasMessageContaining("fence is 0");
        assertThatThrownBy(() -> new Lease(null, TOKEN, 1)).isInstanceOf(NullPointerException.class);
        assertThatThrownBy(() -> new Lease(ID, null, 1)).isInstanceOf(NullPointerException.class);
    }

    // Records

    @Test
    @Rule(7)
    void aRecordIsLiveByTheTimeAtWhichItWasRead() {
        assertThat(RECORD.isLive()).isTrue();
        assertThat(RECORD.leaseRemaining()).isEqualTo(Duration.ofSeconds(10));
        IdempotencyRecord later = RECORD.asOf(NOW.plusSeconds(10));
        assertThat(later.isLive()).isFalse();
        assertThat(later.leaseRemaining()).isZero();
        assertThat(RECORD.asOf(NOW.plusSeconds(99)).leaseRemaining()).isZero();
        assertThat(later.asOf(NOW)).isEqualTo(RECORD);
        assertThat(RECORD.lease()).isEqualTo(new Lease(ID, TOKEN, 3));
    }

    @Test
    @Rule(2)
    void theStatesThatAreFinishedAndThatAreEnded() {
        assertThat(RecordState.values())
                .filteredOn(RecordState::isFinished)
                .containsExactly(RecordState.COMPLETED, RecordState.REJECTED);
        assertThat(RecordState.values())
                .filteredOn(RecordState::isOutcomeKnown)
                .containsExactly(RecordState.COMPLETED, RecordState.REJECTED, RecordState.RETRYABLE);
    }

    // Outcomes

    @Test
    void everyOutcomeOfAClaimFoldsToItsOwnCase() {
        for (ClaimOutcome outcome : new ClaimOutcome[] {
            new Acquired(RECORD.lease(), 1, RecordNumbers.FIRST, null),
            new Busy(SECOND, SECOND),
            new Paused(RECORD),
            new Finished(RECORD),
            new InDoubt(RECORD, false),
            new Mismatched(RECORD)
        }) {
            Object folded = outcome.<Object>fold(o -> o, o -> o, o -> o, o -> o, o -> o, o -> o);
            String name = outcome.fold(
                    o -> "Acquired", o -> "Busy", o -> "Paused", o -> "Finished", o -> "InDoubt", o -> "Mismatched");
            assertThat(folded).isSameAs(outcome);
            assertThat(name).isEqualTo(outcome.getClass().getSimpleName());
        }
    }

    @Test
    void everyOutcomeOfATransitionFoldsToItsOwnCase() {
        for (TransitionOutcome outcome : new TransitionOutcome[] {
            new Applied(RecordState.IN_PROGRESS, RecordState.COMPLETED, 2, NOW),
            new AlreadyApplied(RecordState.COMPLETED, 2, NOW),
            new LeaseLost(null)
        }) {
            assertThat(outcome.<String>fold(o -> "Applied", o -> "AlreadyApplied", o -> "LeaseLost"))
                    .isEqualTo(outcome.getClass().getSimpleName());
        }
        assertThat(new LeaseLost(null).current()).isEmpty();
        assertThat(new LeaseLost(RECORD).current()).contains(RECORD);
    }

    @Test
    @Rule(15)
    void theNumbersOfARecordAreNotNegative() {
        assertThatThrownBy(() -> new RecordNumbers(0, 1, 0, 0)).hasMessageContaining("life is 0");
        assertThatThrownBy(() -> new RecordNumbers(1, -1, 0, 0)).hasMessageContaining("attempt -1");
        assertThatThrownBy(() -> new RecordNumbers(1, 1, -1, 0)).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> new RecordNumbers(1, 1, 0, -1)).isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    @Rule(8)
    void aRunGoesOnForAsLongAsItHasButNotPastItsLease() {
        assertThat(new Busy(Duration.ofSeconds(29), SECOND).expected()).isEqualTo(SECOND);
        assertThat(new Busy(SECOND, Duration.ofSeconds(300)).expected()).isEqualTo(SECOND);
    }

    @Test
    @Rule(5)
    void thePreviousAttemptsEffectIsUnknownByItsState() {
        for (RecordState state : RecordState.values()) {
            assertThat(new Previous(state, 1, null).effectUnknown())
                    .isEqualTo(state == RecordState.IN_PROGRESS || state == RecordState.IN_DOUBT);
        }
    }
}
