package io.toolgate.race.fault;

import org.jspecify.annotations.Nullable;

/**
 * One fault of a run.
 *
 * @param kind what is done
 * @param point where in its course the process is met; null for wherever it happens to be
 */
public record Fault(Kind kind, @Nullable Failpoint point) {
    /** What can be done to a process. */
    public enum Kind {
        /** It is killed with SIGKILL, and replaced. */
        KILL,
        /** It is stopped with SIGSTOP for up to three leases, and goes on then. */
        FREEZE,
        /** Its wall clock is set off by up to an hour. */
        CLOCK
    }
}
