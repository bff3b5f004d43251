package io.toolgate.race.worker;

import org.jspecify.annotations.Nullable;

/**
 * One call, as its caller saw it: a line of a worker's file.
 *
 * @param worker the number of the process
 * @param thread of it, from 1
 * @param key that was called
 * @param answer what came of it
 * @param origin how the caller came by its result, where it has one
 * @param sha256 of the result's bytes, where there is one
 * @param micros how long it took
 * @param detail in words, where there is no result
 */
public record CallLine(
        int worker,
        int thread,
        String key,
        Answer answer,
        @Nullable String origin,
        @Nullable String sha256,
        long micros,
        @Nullable String detail) {

    /** What can come of a call. */
    public enum Answer {
        /** The result. */
        COMPLETED,
        /** A final failure. */
        REJECTED,
        /** No effect, and the key is free. */
        RETRYABLE,
        /** Still running when the wait was over. */
        IN_PROGRESS,
        /** Nobody knows. */
        IN_DOUBT,
        /** The key belongs to another input. */
        CONFLICT,
        /** Done, without a result to give. */
        UNAVAILABLE,
        /** The attempt lost its lease. */
        LEASE_LOST,
        /** The call threw. */
        ERROR
    }
}
