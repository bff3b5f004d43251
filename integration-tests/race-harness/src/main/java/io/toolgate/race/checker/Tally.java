package io.toolgate.race.checker;

import io.toolgate.race.history.Event.Answer;
import java.util.Map;

/**
 * Counts of a run.
 *
 * @param keys the keys that were called at least once
 * @param calls the calls that were started
 * @param unanswered the calls that a kill cut off
 * @param answers the number of calls by answer
 * @param executed the calls that ran the action to its result
 * @param replayed the calls that received a stored result
 * @param recovered the calls that received a result found by a probe
 * @param charges the charges in the ledger
 * @param chargedTwice the keys that were charged more than once, for any reason
 * @param chargedInWindow of these, keys whose further charges all fall into the window between an owner's last
 *     ownership check and its effect, which only a provider that dedupes can close
 * @param chargedInFlight of these, keys charged again by a request that was in flight when its owner was killed, and
 *     that the provider charged only after the lease had ended and the successor's probe had been answered "not
 *     happened"
 * @param chargedByRerun of these, keys charged again by a rerun that was declared safe with a provider that does not
 *     dedupe
 * @param takeovers the claims that took a key over from an attempt of unknown effect
 * @param starved in an undisturbed race, the keys of which a heartbeat was late or took half a lease: the machine or
 *     the database was too slow for leases this short, and undisturbed runs may have been taken over
 * @param staleRefused the completions that the store refused because their owner was stale
 * @param lateResults the completions that were accepted for a record in doubt
 * @param kills the number of processes killed
 * @param freezes the number of processes frozen
 * @param reclockings the number of wall clocks shifted
 * @param distinctResultsMax the largest number of different results of one key
 * @param recorded the keys whose acknowledged result the database holds
 * @param executedByProcess the number of keys that each process ran to a result, by its number
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
        long lateResults,
        long kills,
        long freezes,
        long reclockings,
        long distinctResultsMax,
        long recorded,
        Map<Integer, Long> executedByProcess) {

    /** The number of calls with this answer. */
    public long answered(Answer answer) {
        return answers.getOrDefault(answer, 0L);
    }
}
