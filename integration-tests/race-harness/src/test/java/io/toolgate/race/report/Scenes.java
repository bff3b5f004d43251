package io.toolgate.race.report;

import io.toolgate.race.checker.Evidence;
import io.toolgate.race.checker.Figures;
import io.toolgate.race.checker.Latencies;
import io.toolgate.race.checker.Tally;
import io.toolgate.race.checker.Terms;
import io.toolgate.race.checker.Verdict;
import io.toolgate.race.checker.Violation;
import io.toolgate.race.fault.Fault;
import io.toolgate.race.history.Event.Answer;
import io.toolgate.race.history.Event.CompletionResult;
import io.toolgate.race.provider.LedgerLine;
import io.toolgate.race.result.RaceResult;
import io.toolgate.race.settings.RaceSettings;
import io.toolgate.store.RecordState;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.stream.LongStream;
import org.jspecify.annotations.Nullable;

/** Things that happen to keys in races, one method each. */
final class Scenes {
    static final String REPEAT = "java -jar toolgate-race.jar run --faults all --seed 7";

    private Scenes() {}

    /** One process runs it, the others wait. */
    static void calm(Scene scene, String key, int threads) {
        scene.key(key);
        scene.run(2, key, 1, 3, 60);
        scene.call(2, key, 0, 62, Answer.COMPLETED, "EXECUTED");
        for (int process = 1; process <= 4; process++) {
            for (int thread = 0; thread < threads; thread++) {
                scene.waiter(process, key, 1 + process + 3 * thread, 66 + process + 2 * thread);
            }
        }
    }

    /** Its owner is killed after the charge; another one probes the provider, and stores its answer. */
    static void killedAfterEffect(Scene scene, String key) {
        scene.key(key);
        scene.call(1, key, 0, 0, null, null);
        scene.claim(1, key, 1, 2, 6, null);
        scene.renew(1, key, 1, 300, true);
        scene.ensure(1, key, 1, 310);
        scene.effectSent(1, key, 1, 311);
        scene.ledger(key, 1, 350, LedgerLine.Kind.CHARGED);
        scene.effected(1, key, 1, 355);
        scene.killed(1, 360, "after-effect");
        scene.spawned(1, 700);
        for (int process = 2; process <= 4; process++) {
            for (int thread = 0; thread < 8; thread++) {
                scene.waiter(process, key, 4 + process + 2 * thread, 1420 + 2 * process + thread);
            }
        }
        scene.waiter(1, key, 760, 1421);
        scene.call(3, key, 5, 1402, Answer.COMPLETED, "RECOVERED");
        scene.claim(3, key, 2, 1340, 1344, "IN_PROGRESS");
        scene.probe(3, key, 2, 1370, "HAPPENED");
        scene.ended(3, key, 2, 1400, CompletionResult.APPLIED);
    }

    /** Its owner is frozen between its last check and the charge; another one asks too early, and charges as well. */
    static void window(Scene scene, String key) {
        scene.key(key);
        scene.call(2, key, 0, 2460, Answer.LEASE_LOST, null);
        scene.claim(2, key, 1, 2, 6, null);
        scene.ensure(2, key, 1, 40);
        scene.frozen(2, 41, 2380, "before-effect");
        scene.effectSent(2, key, 1, 2384);
        scene.ledger(key, 1, 2420, LedgerLine.Kind.CHARGED);
        scene.effected(2, key, 1, 2426);
        scene.ended(2, key, 1, 2456, CompletionResult.LEASE_LOST);
        scene.call(4, key, 12, 1180, Answer.COMPLETED, "EXECUTED");
        scene.claim(4, key, 2, 1052, 1056, "IN_PROGRESS");
        scene.probe(4, key, 2, 1080, "NOT_HAPPENED");
        scene.ensure(4, key, 2, 1090);
        scene.effectSent(4, key, 2, 1091);
        scene.ledger(key, 2, 1125, LedgerLine.Kind.CHARGED);
        scene.effected(4, key, 2, 1130);
        scene.ended(4, key, 2, 1170, CompletionResult.APPLIED);
        for (int process = 1; process <= 4; process += 2) {
            for (int thread = 0; thread < 4; thread++) {
                scene.waiter(process, key, 4 + process + 5 * thread, 1182 + process + thread);
            }
        }
    }

    /** Its owner is killed at its commit, and nobody may decide; a sweep much later finds it so. */
    static void doubt(Scene scene, String key) {
        scene.key(key);
        scene.call(3, key, 0, 0, null, null);
        scene.claim(3, key, 1, 2, 6, null);
        scene.ensure(3, key, 1, 30);
        scene.effectSent(3, key, 1, 31);
        scene.ledger(key, 1, 60, LedgerLine.Kind.CHARGED);
        scene.effected(3, key, 1, 64);
        scene.completionSent(3, key, 1, 70);
        scene.killed(3, 74, null);
        scene.spawned(3, 400);
        scene.toldInDoubt(1, key, 1032);
        scene.call(1, key, 5, 1036, Answer.IN_DOUBT, null);
        scene.call(2, key, 9, 900, Answer.IN_PROGRESS, null);
        scene.call(4, key, 12, 1040, Answer.IN_DOUBT, null);
        scene.call(0, key, 9000, 9010, Answer.IN_DOUBT, null);
        scene.row(key, RecordState.IN_DOUBT, 1);
    }

    /** Three attempts: two owners die, the third one stores. */
    static void thrice(Scene scene, String key) {
        scene.key(key);
        scene.call(4, key, 0, 0, null, null);
        scene.claim(4, key, 1, 2, 6, null);
        scene.killed(4, 40, "after-claim");
        scene.spawned(4, 330);
        scene.call(2, key, 8, 0, null, null);
        scene.claim(2, key, 2, 1010, 1015, "IN_PROGRESS");
        scene.probe(2, key, 2, 1030, "NOT_HAPPENED");
        scene.renew(2, key, 2, 1340, true);
        scene.killed(2, 1400, "before-effect");
        scene.spawned(2, 1720);
        scene.call(4, key, 400, 2480, Answer.COMPLETED, "EXECUTED");
        scene.claim(4, key, 3, 2342, 2346, "IN_PROGRESS");
        scene.probe(4, key, 3, 2366, "NOT_HAPPENED");
        scene.ensure(4, key, 3, 2380);
        scene.effectSent(4, key, 3, 2381);
        scene.ledger(key, 3, 2420, LedgerLine.Kind.CHARGED);
        scene.effected(4, key, 3, 2424);
        scene.ended(4, key, 3, 2476, CompletionResult.APPLIED);
        scene.reclocked(1, 900, 3_600_000);
        for (int thread = 0; thread < 3; thread++) {
            scene.waiter(1, key, 5 + 5 * thread, 2484 + thread);
            scene.waiter(3, key, 7 + 5 * thread, 2486 + thread);
        }
    }

    /** All of these, one after the other, among many keys to which nothing happens. */
    static Scene all() {
        Scene scene = new Scene(false);
        Random random = new Random(7);
        for (int i = 0; i < 60; i++) {
            scene.from(i * 330 + random.nextInt(100));
            calm(scene, String.format("key-%06d", 100 + i), 1 + random.nextInt(9));
        }
        scene.from(1000);
        killedAfterEffect(scene, "key-000001");
        scene.from(4000);
        window(scene, "key-000002");
        scene.from(8000);
        doubt(scene, "key-000003");
        scene.from(12_000);
        thrice(scene, "key-000004");
        scene.from(0);
        return scene;
    }

    static Verdict verdict(List<Violation> violations) {
        Random random = new Random(7);
        Latencies executing = latencies(random, 60, 30e6);
        Latencies replaying = latencies(random, 900, 60e6);
        Tally tally = new Tally(
                64,
                1230,
                5,
                Map.of(Answer.COMPLETED, 1200L, Answer.IN_DOUBT, 12L, Answer.LEASE_LOST, 1L),
                62,
                1130,
                8,
                66,
                1,
                1,
                0,
                0,
                5,
                0,
                1,
                0,
                4,
                1,
                1,
                1,
                63,
                Map.of(1, 14L, 2, 20L, 3, 12L, 4, 18L));
        return new Verdict(violations, tally, new Figures(executing, replaying, latencies(random, 900, 4e6)));
    }

    private static Latencies latencies(Random random, int count, double median) {
        return Latencies.ofNanos(LongStream.range(0, count)
                .map(i -> (long) (median * Math.exp(random.nextGaussian() * 0.8))));
    }

    static Violation violation(@Nullable String key, String seen, String... lines) {
        return new Violation(Violation.Kind.CHARGED_TWICE, 5, key, seen, List.of(lines));
    }

    static RaceResult result(Evidence evidence, Verdict verdict) {
        RaceSettings settings = RaceSettings.builder()
                .embeddedPostgres(true)
                .processes(evidence.terms().processes())
                .duplicates(evidence.terms().duplicates())
                .recovery(Terms.Recovery.PROBE)
                .dedupes(evidence.terms().dedupes())
                .faults(Set.of(Fault.Kind.values()))
                .mischiefPercent(2)
                .seed(7)
                .build();
        return new RaceResult(
                settings, "PostgreSQL 15.4 at localhost", "race-7", 20.4, 64, null, List.of("a warning"), verdict);
    }
}
