package io.toolgate.bench;

import io.toolgate.support.UsageException;

/** Checks of numbers that users give. */
final class Checks {
    private Checks() {}

    /**
     * Refuses a number that is out of bounds.
     *
     * @throws UsageException if it is
     */
    static void between(String option, long value, long least, long most) {
        if (value < least || value > most) {
            throw new UsageException(option + " must be " + least + " to " + most + ", and not " + value);
        }
    }
}
