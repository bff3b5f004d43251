package io.toolgate.race.checker;

import io.toolgate.race.checker.Terms.Recovery;
import io.toolgate.race.history.Event.Answer;
import io.toolgate.race.history.Event.ClaimResult;
import io.toolgate.race.history.Event.Claimed;
import io.toolgate.race.history.Event.CompletionKind;
import io.toolgate.race.history.Event.CompletionResult;
import io.toolgate.race.provider.LedgerLine;
import io.toolgate.store.RecordState;
import java.util.HashMap;
import java.util.Map;

/** Runs in which everything is as it should be. */
final class HealthyRun {
    /** A key that one process runs and the others replay. */
    static final int PLAIN = 0;

    /** A key whose owner is killed after it sent its request, before anything was charged, and that is taken over. */
    static final int TAKEN = 1;

    /** A key that the provider declines. */
    static final int DECLINED = 2;

    /** A key that is called with two inputs. */
    static final int CONTESTED = 3;

    private HealthyRun() {}

    /** Three processes, four keys, one kill, one takeover by probe. */
    static Run withKill() {
        Run run = new Run(Run.terms(Recovery.PROBE, true, false), 4);
        run.ticks(1, 1, 0, 7000);
        run.ticks(2, 1, 0, 100);
        run.ticks(2, 2, 300, 7000);
        run.ticks(3, 1, 0, 7000);
        run.ticks(0, 1, 7000, 7100);
        plain(run);
        taken(run);
        declined(run);
        contested(run);
        return run;
    }

    private static void plain(Run run) {
        run.executes(1, 1, PLAIN, 1, 11, 1);
        run.call(1, 1, PLAIN, 100, 10, 46, Answer.COMPLETED, "EXECUTED");
        run.claim(2, 1, PLAIN, 13, 16, ClaimResult.BUSY, 0, 0);
        run.call(2, 1, PLAIN, 100, 12, 60, Answer.COMPLETED, "REPLAYED");
        run.claim(3, 1, PLAIN, 61, 63, ClaimResult.FINISHED, 1, 2);
        run.call(3, 1, PLAIN, 100, 60, 65, Answer.COMPLETED, "REPLAYED");
        run.row(PLAIN, RecordState.COMPLETED, 1, 2);
    }

    private static void taken(Run run) {
        run.acquire(2, 1, TAKEN, 101, 104, 1, 1, null);
        run.effect(2, 1, TAKEN, 1, 105);
        run.cutCall(2, 1, TAKEN, 100);
        run.kill(2, 1, 115);
        run.claim(1, 1, TAKEN, 111, 114, ClaimResult.BUSY, 0, 0);
        run.acquire(1, 1, TAKEN, 1150, 1155, 2, 2, "IN_PROGRESS");
        run.probe(1, 1, TAKEN, 2, 1160, "NOT_HAPPENED");
        run.effect(1, 1, TAKEN, 2, 1161);
        run.charge(TAKEN, 2, 1170);
        run.effected(1, 1, TAKEN, 2, 1180);
        run.applied(1, 1, TAKEN, 2, 1181, CompletionKind.COMPLETE, 3);
        run.call(1, 1, TAKEN, 100, 110, 1190, Answer.COMPLETED, "EXECUTED");
        run.claim(3, 1, TAKEN, 251, 253, ClaimResult.BUSY, 0, 0);
        run.call(3, 1, TAKEN, 100, 250, 1200, Answer.COMPLETED, "REPLAYED");
        run.row(TAKEN, RecordState.COMPLETED, 2, 3);
    }

    private static void declined(Run run) {
        run.acquire(3, 1, DECLINED, 1301, 1304, 1, 1, null);
        run.effect(3, 1, DECLINED, 1, 1305);
        run.ledger(LedgerLine.Kind.DECLINED, DECLINED, 1, 1320, null, 100);
        run.applied(3, 1, DECLINED, 1, 1330, CompletionKind.REJECT, 2);
        run.call(3, 1, DECLINED, 100, 1300, 1340, Answer.REJECTED, "EXECUTED");
        run.claim(1, 1, DECLINED, 1401, 1404, ClaimResult.FINISHED, 1, 2);
        Map<String, Object> nothing = new HashMap<>();
        nothing.put("sha256", null);
        run.change(Claimed.class, e -> e.nanos() == Run.at(1404), nothing);
        run.call(1, 1, DECLINED, 100, 1400, 1405, Answer.REJECTED, "REPLAYED");
        run.row(DECLINED, RecordState.REJECTED, 1, 2);
    }

    private static void contested(Run run) {
        run.executes(2, 2, CONTESTED, 1, 1501, 1);
        run.call(2, 2, CONTESTED, 100, 1500, 1540, Answer.COMPLETED, "EXECUTED");
        run.claim(3, 1, CONTESTED, 1551, 1554, ClaimResult.MISMATCHED, 1, 2);
        run.call(3, 1, CONTESTED, 200, 1550, 1555, Answer.CONFLICT, null);
        run.row(CONTESTED, RecordState.COMPLETED, 1, 2);
    }

    /** Three processes, one key, no trouble. */
    static Run calm() {
        Run run = new Run(Run.terms(Recovery.HOLD, true, true), 1);
        run.ticks(1, 1, 0, 200);
        run.ticks(2, 1, 0, 200);
        run.ticks(3, 1, 0, 200);
        plain(run);
        return run;
    }

    /** One key with an owner that was frozen for a while and whose late result was taken, with recovery hold. */
    static Run held() {
        Run run = new Run(Run.terms(Recovery.HOLD, true, false), 1);
        run.ticks(1, 1, 0, 3000);
        run.ticks(2, 1, 0, 3000);
        run.acquire(1, 1, 0, 11, 14, 1, 1, null);
        run.effect(1, 1, 0, 1, 15);
        run.freeze(1, 20, 1620);
        run.charge(0, 1, 30);
        run.claim(2, 1, 0, 1100, 1105, ClaimResult.IN_DOUBT, 1, 2);
        run.call(2, 1, 0, 100, 50, 1106, Answer.IN_DOUBT, null);
        run.effected(1, 1, 0, 1, 1625);
        run.end(1, 1, 0, 1, 1630, 1633, CompletionKind.COMPLETE, CompletionResult.APPLIED, "IN_DOUBT", 3);
        run.call(1, 1, 0, 100, 10, 1640, Answer.COMPLETED, "EXECUTED");
        run.row(0, RecordState.COMPLETED, 1, 3);
        return run;
    }

    /**
     * One key with an owner that was frozen between its last ownership check and its charge, while another took over,
     * whose probe found nothing, and charged: the window of a provider that does not dedupe.
     */
    static Run window(Recovery recovery) {
        Run run = new Run(Run.terms(recovery, false, false), 1);
        run.ticks(1, 1, 0, 3000);
        run.ticks(2, 1, 0, 3000);
        run.acquire(1, 1, 0, 11, 14, 1, 1, null);
        run.effect(1, 1, 0, 1, 15);
        run.freeze(1, 20, 1620);
        run.acquire(2, 1, 0, 1100, 1105, 2, 2, "IN_PROGRESS");
        if (recovery == Recovery.PROBE) {
            run.probe(2, 1, 0, 2, 1110, "NOT_HAPPENED");
        }
        run.effect(2, 1, 0, 2, 1111);
        run.charge(0, 2, 1120);
        run.applied(2, 1, 0, 2, 1140, CompletionKind.COMPLETE, 3);
        run.call(2, 1, 0, 100, 50, 1150, Answer.COMPLETED, "EXECUTED");
        run.ledger(LedgerLine.Kind.CHARGED, 0, 1, 1625, "receipt-late", 100);
        run.effected(1, 1, 0, 1, 1640);
        run.end(1, 1, 0, 1, 1641, 1644, CompletionKind.COMPLETE, CompletionResult.LEASE_LOST, null, 0);
        run.call(1, 1, 0, 100, 10, 1650, Answer.LEASE_LOST, null);
        run.row(0, RecordState.COMPLETED, 2, 3);
        return run;
    }
}
