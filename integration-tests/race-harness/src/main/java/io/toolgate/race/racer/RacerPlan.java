package io.toolgate.race.racer;

import io.toolgate.race.RaceKeys;
import io.toolgate.race.checker.Terms.Recovery;
import io.toolgate.support.DatabaseLogin;
import org.jspecify.annotations.Nullable;

/**
 * Settings of a racer, passed on its standard input, where no other process can read the password.
 *
 * @param process the racer's number in the run, from 1; 0 for the process that sweeps at the end
 * @param life the number of its start, from 1
 * @param database the database
 * @param connections the number of connections that the racer may open
 * @param keys the keys of the race
 * @param duplicates the number of threads that call each key
 * @param seed the seed from which the order of the keys is shuffled
 * @param providerPort the provider's port
 * @param actionMillis how long a charge takes
 * @param leaseMillis how long a claim holds without a heartbeat
 * @param waitMillis how long a call waits for another run
 * @param recovery the recovery that the action declares
 * @param mischief the keys for which the provider misbehaves, and those that are called with two inputs
 * @param history the file to create for its {@link io.toolgate.race.history.Event}s
 * @param runtime the class name of a deliberately broken runtime, or null for the real one
 * @param action the class name of the action under test
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
    /** Whether its callers share commits: every second racer's do, so that both modes race against each other. */
    boolean sharesCommits() {
        return process % 2 == 1;
    }

    /** Whether it is the process that sweeps at the end. */
    boolean sweeps() {
        return process == 0;
    }
}
