package io.toolgate.race.verdict;

import io.toolgate.race.worker.CallLine.Answer;
import java.util.Map;

/**
 * What was counted.
 *
 * @param calls that were written down
 * @param charges in the ledger
 * @param chargedTwice keys that were charged more than once
 * @param executed calls that ran the action
 * @param replayed calls that were given what another call stored
 * @param answers how many calls had which answer
 * @param distinctResultsMax the largest number of different results that one key gave
 * @param recorded keys whose result is in the database
 * @param executedByProcess how many keys each process ran, by its number
 * @param replay how long replays took, the wait for a run that was still going on included
 */
public record Tally(
        long calls,
        long charges,
        long chargedTwice,
        long executed,
        long replayed,
        Map<Answer, Long> answers,
        long distinctResultsMax,
        long recorded,
        Map<Integer, Long> executedByProcess,
        Latencies replay) {

    /** How many calls were answered so. */
    public long answered(Answer answer) {
        return answers.getOrDefault(answer, 0L);
    }

    /** Calls that did not get the result. */
    public long others() {
        return calls - answered(Answer.COMPLETED);
    }
}
