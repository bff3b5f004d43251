package io.toolgate.race.racer;

import io.toolgate.race.RaceKeys;
import io.toolgate.race.checker.Terms.Recovery;
import io.toolgate.support.DatabaseLogin;
import org.jspecify.annotations.Nullable;

/**
 * What a racer must know; it is handed over on its standard input, where no other process can read the password.
 *
 * @param process the racer's place in the run, from 1; 0 for the one that sweeps when the others are through
 * @param life how many had that place before, plus one
 * @param database to race on
 * @param connections to it that the racer may have
 * @param keys to race for
 * @param duplicates how many threads call each key
 * @param seed from which the order of the keys is shuffled
 * @param providerPort where the provider listens
 * @param actionMillis how long a charge takes
 * @param leaseMillis how long a claim holds without a heartbeat
 * @param waitMillis how long a call waits for another's run
 * @param recovery that the action declares
 * @param mischief what the provider is told to do, and which keys are called with two inputs
 * @param history the file that it makes, with its {@link io.toolgate.race.history.Event}s
 * @param runtime the name of a deliberately broken runtime, or null for the real one
 * @param action the class of the action under test
 */
public record RacerPlan(
        int process,
        int life,
        DatabaseLogin database,
        int connections,
        RaceKeys keys,
        int duplicates,
        long seed,
        int providerPort,
        int actionMillis,
        int leaseMillis,
        int waitMillis,
        Recovery recovery,
        Mischief mischief,
        String history,
        @Nullable String runtime,
        String action) {
    /** Whether its callers share commits: those of every second racer do, so that both kinds race against each other. */
    boolean sharesCommits() {
        return process % 2 == 1;
    }

    /** Whether it is the one that comes last. */
    boolean sweeps() {
        return process == 0;
    }
}
