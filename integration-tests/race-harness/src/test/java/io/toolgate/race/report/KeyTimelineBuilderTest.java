package io.toolgate.race.report;

import static org.assertj.core.api.Assertions.assertThat;

import io.toolgate.race.checker.Evidence;
import io.toolgate.race.history.Event.Answer;
import io.toolgate.race.history.Event.CompletionResult;
import io.toolgate.race.provider.LedgerLine;
import io.toolgate.race.report.KeyTimeline.Attempt;
import io.toolgate.race.report.KeyTimeline.Effect;
import io.toolgate.race.report.KeyTimeline.Freeze;
import io.toolgate.race.report.KeyTimeline.Lane;
import io.toolgate.race.report.KeyTimeline.Life;
import io.toolgate.race.report.KeyTimeline.Mark;
import io.toolgate.race.report.KeyTimeline.Moment;
import io.toolgate.race.report.KeyTimeline.Result;
import io.toolgate.race.report.KeyTimeline.Wait;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The events on the timeline of a key; times are milliseconds since its beginning. */
class KeyTimelineBuilderTest {
    private static final String KEY = "key-000001";

    @TempDir
    Path directory;

    private final Scene scene = new Scene(false);

    @Test
    void anOwnerThatCompletesOwnsUntilItsEndAndLeavesNoLease() throws Exception {
        Scenes.calm(scene, KEY, 3);
        KeyTimeline timeline = timeline();
        Attempt attempt = only(lane(timeline, 2).attempts());
        assertThat(attempt.claimed().nanos()).isEqualTo(scene.nanos(7));
        assertThat(attempt.ownedTo()).isEqualTo(scene.nanos(60));
        assertThat(attempt.to()).isEqualTo(scene.nanos(60));
        assertThat(attempt.leaseTo()).isEqualTo(scene.nanos(60));
        assertThat(attempt.heartbeats()).extracting(Moment::nanos).containsExactly(scene.nanos(11));
        assertThat(kinds(lane(timeline, 2))).containsExactly(Mark.Kind.ENSURED, Mark.Kind.COMPLETED);
        assertThat(timeline.lanes()).extracting(Lane::process).containsExactly(1, 2, 3, 4);
        assertThat(lane(timeline, 3).waits()).hasSize(3).allMatch(Wait::replayed);
        assertThat(timeline.acknowledged()).isEqualTo(Map.of(new Result(Scene.sha(KEY), "receipt-" + KEY), 13L));
    }

    @Test
    void aKilledOwnerLeavesItsLeaseBehind() throws Exception {
        Scenes.killedAfterEffect(scene, KEY);
        KeyTimeline timeline = timeline();
        Attempt killed = only(lane(timeline, 1).attempts());
        assertThat(killed.ownedTo()).isEqualTo(scene.nanos(360));
        // Its last renewal was sent at 307 ms.
        assertThat(killed.leaseTo()).isEqualTo(scene.nanos(307 + Scene.LEASE_MILLIS));
        Attempt taker = only(lane(timeline, 3).attempts());
        assertThat(taker.tookOver()).isTrue();
        assertThat(taker.previousFence()).isEqualTo(killed.fence());
        assertThat(kinds(lane(timeline, 3))).containsExactly(Mark.Kind.PROBED, Mark.Kind.COMPLETED);
    }

    @Test
    void aKillEndsALifeAndCutsItsCalls() throws Exception {
        Scenes.killedAfterEffect(scene, KEY);
        Lane lane = lane(timeline(), 1);
        assertThat(lane.lives())
                .containsExactly(
                        new Life(1, scene.nanos(0), scene.nanos(360), true, "after-effect"),
                        new Life(2, scene.nanos(700), scene.nanos(1435), false, null));
        Wait cut = lane.waits().get(0);
        assertThat(cut.answer()).isNull();
        assertThat(cut.to()).isEqualTo(scene.nanos(360));
        assertThat(cut.ending()).isEqualTo("cut");
    }

    @Test
    void aFrozenOwnerGoesOnAfterItsLease() throws Exception {
        Scenes.window(scene, KEY);
        KeyTimeline timeline = timeline();
        Lane frozen = lane(timeline, 2);
        assertThat(frozen.freezes()).containsExactly(new Freeze(scene.nanos(41), scene.nanos(2380), "before-effect"));
        Attempt stale = only(frozen.attempts());
        assertThat(stale.ownedTo()).isEqualTo(scene.nanos(37 + Scene.LEASE_MILLIS));
        assertThat(stale.to()).isEqualTo(scene.nanos(2456));
        assertThat(kinds(frozen)).contains(Mark.Kind.REFUSED).doesNotContain(Mark.Kind.COMPLETED);
        assertThat(only(frozen.waits()).ending()).isEqualTo("lease lost");
    }

    @Test
    void bothChargesAreInTheLanesOfTheirSenders() throws Exception {
        Scenes.window(scene, KEY);
        KeyTimeline timeline = timeline();
        for (int process : new int[] {2, 4}) {
            Effect effect = only(lane(timeline, process).effects());
            assertThat(effect.ledger()).isNotNull();
            assertThat(effect.ledger().kind()).isEqualTo(LedgerLine.Kind.CHARGED);
        }
        assertThat(lane(timeline, 4).effects().get(0).ledger().nanos()).isEqualTo(scene.nanos(1125));
    }

    @Test
    void aChargeOfAnUnknownSenderHasALaneOfItsOwn() throws Exception {
        Scenes.calm(scene, KEY, 1);
        scene.ledger(KEY, 9, 40, LedgerLine.Kind.CHARGED);
        KeyTimeline timeline = timeline();
        assertThat(timeline.lanes()).extracting(Lane::process).containsExactly(1, 2, 3, 4, Lane.UNKNOWN);
        assertThat(only(lane(timeline, Lane.UNKNOWN).effects()).sent().nanos()).isEqualTo(scene.nanos(40));
    }

    @Test
    void aCommitThatAKillCutMayHaveHappened() throws Exception {
        Scenes.doubt(scene, KEY);
        KeyTimeline timeline = timeline();
        assertThat(kinds(lane(timeline, 3))).containsExactly(Mark.Kind.ENSURED, Mark.Kind.CUT);
        assertThat(kinds(lane(timeline, 1))).containsExactly(Mark.Kind.DOUBT);
        assertThat(timeline.lanes()).extracting(Lane::process).endsWith(0);
        assertThat(lane(timeline, 2).waits()).extracting(Wait::answer).containsExactly(Answer.IN_PROGRESS);
    }

    @Test
    void aDoubtIsMarkedWhereItWasFirstAnswered() throws Exception {
        scene.key(KEY);
        scene.toldInDoubt(1, KEY, 20);
        scene.toldInDoubt(2, KEY, 10);
        KeyTimeline timeline = timeline();
        assertThat(kinds(lane(timeline, 1))).isEmpty();
        assertThat(kinds(lane(timeline, 2))).containsExactly(Mark.Kind.DOUBT);
    }

    @Test
    void anAnswerOfALostLeaseEndsTheAttempt() throws Exception {
        scene.key(KEY);
        scene.claim(1, KEY, 1, 0, 4, null);
        scene.renew(1, KEY, 1, 300, false);
        scene.waiter(1, KEY, 0, 5000);
        KeyTimeline timeline = timeline();
        Attempt lost = only(lane(timeline, 1).attempts());
        assertThat(lost.to()).isEqualTo(scene.nanos(300));
        assertThat(lost.leaseTo()).isEqualTo(scene.nanos(300));
        assertThat(kinds(lane(timeline, 1))).containsExactly(Mark.Kind.LOST);
    }

    @Test
    void aHeartbeatThatCrossesTheEndOfItsOwnRunLosesNothing() throws Exception {
        Scenes.calm(scene, KEY, 1);
        scene.renew(2, KEY, 1, 70, false);
        assertThat(kinds(lane(timeline(), 2))).containsExactly(Mark.Kind.ENSURED, Mark.Kind.COMPLETED);
    }

    @Test
    void aLeaseOfADeadOwnerLastsUntilTheNextClaim() throws Exception {
        scene.key(KEY);
        scene.claim(1, KEY, 1, 0, 4, null);
        scene.completionSent(1, KEY, 1, 20);
        scene.killed(1, 22, null);
        scene.claim(2, KEY, 2, 40, 44, "RETRYABLE");
        scene.ended(2, KEY, 2, 90, CompletionResult.APPLIED);
        KeyTimeline timeline = timeline();
        assertThat(only(lane(timeline, 1).attempts()).leaseTo()).isEqualTo(scene.nanos(44));
        assertThat(only(lane(timeline, 2).attempts()).tookOver()).isFalse();
    }

    @Test
    void twoOwnersAtOnceAreBothShown() throws Exception {
        scene.key(KEY);
        scene.run(1, KEY, 1, 0, 100);
        scene.run(2, KEY, 2, 20, 80);
        KeyTimeline timeline = timeline();
        assertThat(only(lane(timeline, 1).attempts()).ownedTo()).isEqualTo(scene.nanos(100));
        assertThat(only(lane(timeline, 2).attempts()).claimed().nanos()).isEqualTo(scene.nanos(24));
    }

    @Test
    void anEndThatWasStoredAlreadyIsNoRefusal() throws Exception {
        scene.key(KEY);
        scene.claim(1, KEY, 1, 0, 4, null);
        scene.ended(1, KEY, 1, 30, CompletionResult.ERROR);
        scene.ended(1, KEY, 1, 60, CompletionResult.ALREADY_APPLIED);
        Lane lane = lane(timeline(), 1);
        assertThat(kinds(lane)).containsExactly(Mark.Kind.FAILED, Mark.Kind.ALREADY);
        assertThat(only(lane.attempts()).leaseTo()).isEqualTo(scene.nanos(60));
    }

    @Test
    void faultsOfProcessesOutsideTheTimelineAreLeftOut() throws Exception {
        scene.frozen(3, -500, -400, null);
        scene.reclocked(3, -300, 1000);
        Scenes.calm(scene, KEY, 1);
        scene.killed(3, 900, null);
        Lane lane = lane(timeline(), 3);
        assertThat(lane.freezes()).isEmpty();
        assertThat(lane.marks()).isEmpty();
        assertThat(lane.lives()).extracting(Life::killed).containsExactly(false);
    }

    private KeyTimeline timeline() throws IOException {
        Evidence evidence = scene.write(directory);
        return only(KeyTimelines.read(evidence, Scenes.verdict(List.of(Scenes.violation(KEY, "told on purpose"))))
                .timelines());
    }

    private static Lane lane(KeyTimeline timeline, int process) {
        return only(timeline.lanes().stream()
                .filter(lane -> lane.process() == process)
                .toList());
    }

    private static List<Mark.Kind> kinds(Lane lane) {
        return lane.marks().stream().map(Mark::kind).toList();
    }

    private static <T> T only(List<T> list) {
        assertThat(list).hasSize(1);
        return list.get(0);
    }
}
