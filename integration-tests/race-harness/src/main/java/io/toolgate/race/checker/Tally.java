package io.toolgate.race.checker;

import io.toolgate.race.history.Event.Answer;
import java.util.Map;

/**
 * What was counted.
 *
 * @param keys that were called at least once
 * @param calls that were begun
 * @param unanswered calls that a kill cut
 * @param answers how many calls had which answer
 * @param executed calls that ran the action to its result
 * @param replayed calls that were given what another call stored
 * @param recovered calls that were given what a probe found
 * @param charges in the ledger
 * @param chargedTwice keys that were charged more than once, for whatever reason
 * @param chargedInWindow of these, keys whose further charges all fall into the window between an owner's last ownership check
 *     and its effect, which only a provider that dedupes can close
 * @param chargedInFlight of these, keys charged again by a request that was on its way when its owner was killed, and that the
 *     provider charged for only when the lease was over and the successor's probe had been told that nothing had happened
 * @param chargedByRerun of these, keys charged again by a rerun that was declared safe with a provider that does not dedupe
 * @param takeovers claims that took a key over from an attempt that may have had its effect
 * @param starved in a race that nothing disturbs, keys of which a heartbeat came late, or took half a lease: the machine or the
 *     database was too slow for leases this short, and runs may have been taken over that nobody had disturbed
 * @param staleRefused ends of runs that the store refused because their owner was stale
 * @param lateTruths ends of runs that were stored in a record that was in doubt
 * @param kills of processes
 * @param freezes of processes
 * @param reclockings of processes' wall clocks
 * @param distinctResultsMax the largest number of different results that one key gave
 * @param recorded keys whose result the database holds as it was acknowledged
 * @param executedByProcess how many keys each process ran to their results, by its place
 */
public record Tally(
        long keys,
        long calls,
        long unanswered,
        Map<Answer, Long> answers,
        long executed,
        long replayed,
        long recovered,
        long charges,
        long chargedTwice,
        long chargedInWindow,
        long chargedInFlight,
        long chargedByRerun,
        long takeovers,
        long starved,
        long staleRefused,
        long lateTruths,
        long kills,
        long freezes,
        long reclockings,
        long distinctResultsMax,
        long recorded,
        Map<Integer, Long> executedByProcess) {

    /** How many calls were answered so. */
    public long answered(Answer answer) {
        return answers.getOrDefault(answer, 0L);
    }
}
