package io.toolgate.race.verdict;

import static org.assertj.core.api.Assertions.assertThat;

import io.toolgate.race.Digests;
import io.toolgate.race.Json;
import io.toolgate.race.provider.Charge;
import io.toolgate.race.verdict.Violation.Kind;
import io.toolgate.race.worker.CallLine;
import io.toolgate.race.worker.CallLine.Answer;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** A run of two processes that called two keys once each, and what each single thing that is wrong with it is called. */
class JudgeTest {
    private final Charge first = new Charge("receipt-1", "account-a", 100, "provider-a");
    private final Charge second = new Charge("receipt-2", "account-b", 100, "provider-b");
    private final List<Charge> charges = new ArrayList<>(List.of(first, second));
    private final List<CallLine> calls = new ArrayList<>(List.of(
            call(1, "a", "EXECUTED", first, 25_000),
            call(2, "a", "REPLAYED", first, 3_000),
            call(1, "b", "REPLAYED", second, 1_000),
            call(2, "b", "EXECUTED", second, 21_000)));
    private final Map<String, String> records = new HashMap<>(Map.of("a", digest(first), "b", digest(second)));
    private final List<String> mishaps = new ArrayList<>();

    @Test
    void aRunWithoutFaultsHeld() {
        Verdict verdict = judge();
        assertThat(verdict.violations()).isEmpty();
        assertThat(verdict.held()).isTrue();
        Tally tally = verdict.tally();
        assertThat(tally.calls()).isEqualTo(4);
        assertThat(tally.charges()).isEqualTo(2);
        assertThat(tally.chargedTwice()).isZero();
        assertThat(tally.executed()).isEqualTo(2);
        assertThat(tally.replayed()).isEqualTo(2);
        assertThat(tally.others()).isZero();
        assertThat(tally.distinctResultsMax()).isEqualTo(1);
        assertThat(tally.recorded()).isEqualTo(2);
        assertThat(tally.executedByProcess()).containsExactly(Map.entry(1, 1L), Map.entry(2, 1L));
        assertThat(tally.replay()).isEqualTo(new Latencies(1, 3, 3));
    }

    @Test
    void aSecondChargeThatNobodyWasToldAbout() {
        charges.add(new Charge("receipt-3", "account-a", 100, "provider-a"));
        assertThat(judge().violations()).singleElement().satisfies(violation -> {
            assertThat(violation.kind()).isEqualTo(Kind.CHARGED_TWICE);
            assertThat(violation.key()).isEqualTo("a");
            assertThat(violation.describe())
                    .isEqualTo("a: charged more than once: 2 charges (such as receipt-1; receipt-3)");
        });
        assertThat(judge().tally().chargedTwice()).isEqualTo(1);
    }

    @Test
    void aCallerWithOtherBytes() {
        calls.set(1, call(2, "a", "REPLAYED", second, 3_000));
        assertThat(kinds()).containsExactly(Kind.DIFFERENT_BYTES);
        assertThat(judge().tally().distinctResultsMax()).isEqualTo(2);
    }

    @Test
    void aResultWithoutACharge() {
        charges.remove(second);
        assertThat(kinds()).containsExactly(Kind.NEVER_CHARGED);
    }

    @Test
    void aReceiptOfAnotherCharge() {
        charges.set(0, new Charge("receipt-9", "account-a", 100, "provider-a"));
        assertThat(kinds()).containsExactly(Kind.FALSE_RECEIPT);
    }

    @Test
    void aChargeThatNobodyAskedFor() {
        charges.add(new Charge("receipt-3", "account-z", 100, "provider-z"));
        assertThat(kinds()).containsExactly(Kind.STRAY_CHARGE);
    }

    @Test
    void aProviderKeyThatDiffersBetweenProcesses() {
        Charge other = new Charge("receipt-1", "account-a", 100, "provider-other");
        charges.set(0, other);
        calls.set(0, call(1, "a", "EXECUTED", other, 25_000));
        calls.set(1, call(2, "a", "REPLAYED", other, 3_000));
        records.put("a", digest(other));
        assertThat(kinds()).containsExactly(Kind.WRONG_PROVIDER_KEY);
    }

    @Test
    void aCallWithoutTheResult() {
        calls.set(2, new CallLine(1, 1, "b", Answer.IN_PROGRESS, null, null, 5_000_000, "retry after PT3S"));
        assertThat(judge().violations()).singleElement().satisfies(violation -> {
            assertThat(violation.kind()).isEqualTo(Kind.NOT_ANSWERED);
            assertThat(violation.seen()).isEqualTo("1 calls IN_PROGRESS (such as process 1: retry after PT3S)");
        });
        assertThat(judge().tally().others()).isEqualTo(1);
        assertThat(judge().tally().answered(Answer.IN_PROGRESS)).isEqualTo(1);
    }

    @Test
    void twoCallsThatSayTheyRanIt() {
        calls.set(1, call(2, "a", "EXECUTED", first, 3_000));
        assertThat(kinds()).containsExactly(Kind.NOT_EXECUTED_ONCE);
    }

    @Test
    void noCallThatSaysItRanIt() {
        calls.set(0, call(1, "a", "RECOVERED", first, 3_000));
        assertThat(kinds()).containsExactly(Kind.NOT_EXECUTED_ONCE);
    }

    @Test
    void aDatabaseThatHoldsSomethingElse() {
        records.put("a", "IN_DOUBT");
        records.remove("b");
        assertThat(kinds()).containsExactly(Kind.NOT_RECORDED, Kind.NOT_RECORDED);
        assertThat(judge().violations().get(0).seen()).startsWith("IN_DOUBT and not ");
        assertThat(judge().violations().get(1).seen()).startsWith("no row and not ");
        assertThat(judge().tally().recorded()).isZero();
    }

    @Test
    void aCallThatIsNotWrittenDown() {
        calls.remove(2);
        assertThat(judge().violations()).singleElement().satisfies(violation -> {
            assertThat(violation.kind()).isEqualTo(Kind.CALLS_MISSING);
            assertThat(violation.describe()).isEqualTo("calls are missing: 3 of 4 are written down");
        });
    }

    @Test
    void aProcessThatFailed() {
        mishaps.add("process 2 ended with status 137");
        assertThat(judge().violations())
                .singleElement()
                .satisfies(violation -> assertThat(violation.describe())
                        .isEqualTo("a process failed: process 2 ended with status 137"));
    }

    @Test
    void theWorstComesFirst() {
        mishaps.add("process 2 ended with status 137");
        charges.add(new Charge("receipt-3", "account-b", 100, "provider-b"));
        assertThat(judge().byKind().keySet()).containsExactly(Kind.CHARGED_TWICE, Kind.PROCESS_FAILED);
    }

    private List<Kind> kinds() {
        return judge().violations().stream().map(Violation::kind).toList();
    }

    private Verdict judge() {
        return Judge.judge(new Evidence(
                List.of("a", "b"),
                Map.of("a", "account-a", "b", "account-b"),
                Map.of("a", "provider-a", "b", "provider-b"),
                2,
                1,
                charges,
                calls,
                records,
                mishaps));
    }

    private static CallLine call(int worker, String key, String origin, Charge receipt, long micros) {
        return new CallLine(worker, 1, key, Answer.COMPLETED, origin, digest(receipt), micros, null);
    }

    private static String digest(Charge charge) {
        return Digests.sha256(Json.line(charge));
    }
}
