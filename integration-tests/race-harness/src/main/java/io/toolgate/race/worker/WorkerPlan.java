package io.toolgate.race.worker;

import io.toolgate.race.database.Database;

/**
 * What a worker must know; it is handed over on its standard input, where no other process can read the password.
 *
 * @param number of the worker, from 1
 * @param database to race on
 * @param connections to it that the worker may have
 * @param keys to race for
 * @param duplicates how often each key is called, and how many threads do it
 * @param seed from which the order of the keys is shuffled, for each worker differently
 * @param providerPort where the provider listens
 * @param waitMillis how long a call waits for another's run
 * @param calls the file that it makes, with a {@link CallLine} for each call
 * @param bypass whether to charge without the gate, which proves that the verdict can be otherwise
 */
public record WorkerPlan(
        int number,
        Database database,
        int connections,
        RaceKeys keys,
        int duplicates,
        long seed,
        int providerPort,
        long waitMillis,
        String calls,
        boolean bypass) {}
