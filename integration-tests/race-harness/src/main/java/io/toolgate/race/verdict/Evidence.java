package io.toolgate.race.verdict;

import io.toolgate.race.provider.Charge;
import io.toolgate.race.worker.CallLine;
import java.util.List;
import java.util.Map;

/**
 * Everything that is left of a run.
 *
 * @param keys that were raced for
 * @param accounts whom each key charges
 * @param providerKeys what each key's charge must be known by at the provider
 * @param processes how many raced
 * @param duplicates how often each of them called each key
 * @param charges from the provider's ledger
 * @param calls from the processes' files
 * @param records the SHA-256 of the result that the database holds for a key, or a word for what it holds instead
 * @param mishaps of processes: what went wrong, in words
 */
public record Evidence(
        List<String> keys,
        Map<String, String> accounts,
        Map<String, String> providerKeys,
        int processes,
        int duplicates,
        List<Charge> charges,
        List<CallLine> calls,
        Map<String, String> records,
        List<String> mishaps) {

    /** How many calls were to be made. */
    public long expectedCalls() {
        return (long) keys.size() * processes * duplicates;
    }
}
