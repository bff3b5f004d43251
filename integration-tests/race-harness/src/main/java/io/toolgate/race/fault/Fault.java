package io.toolgate.race.fault;

import org.jspecify.annotations.Nullable;

/**
 * Fault that the harness injects into one process of a run.
 *
 * @param kind the kind of fault
 * @param point the failpoint at which it is injected; null for any moment
 */
public record Fault(Kind kind, @Nullable Failpoint point) {
    /** Kind of a fault. */
    public enum Kind {
        /** The process is killed with SIGKILL, and replaced. */
        KILL,
        /** The process is stopped with SIGSTOP for up to three leases, and then continued. */
        FREEZE,
        /** The process's wall clock is shifted by up to an hour. */
        CLOCK
    }
}
