package io.toolgate.race.history;

import com.fasterxml.jackson.annotation.JsonSubTypes;
import com.fasterxml.jackson.annotation.JsonTypeInfo;
import org.jspecify.annotations.Nullable;

/**
 * Logged action of the harness on the processes of a run. {@code nanos} is the machine's monotonic clock when it had
 * taken effect; {@code process} is the number of a process in the run, from 1; {@code life} counts its restarts, from
 * 1.
 */
@JsonTypeInfo(use = JsonTypeInfo.Id.NAME, property = "deed")
@JsonSubTypes({
    @JsonSubTypes.Type(value = Deed.Spawned.class, name = "spawned"),
    @JsonSubTypes.Type(value = Deed.Went.class, name = "went"),
    @JsonSubTypes.Type(value = Deed.Wave.class, name = "wave"),
    @JsonSubTypes.Type(value = Deed.Killed.class, name = "killed"),
    @JsonSubTypes.Type(value = Deed.Frozen.class, name = "frozen"),
    @JsonSubTypes.Type(value = Deed.Thawed.class, name = "thawed"),
    @JsonSubTypes.Type(value = Deed.Reclocked.class, name = "reclocked"),
    @JsonSubTypes.Type(value = Deed.Calmed.class, name = "calmed"),
    @JsonSubTypes.Type(value = Deed.Swept.class, name = "swept")
})
public sealed interface Deed {
    /** When it had taken effect, by the machine's monotonic clock. */
    long nanos();

    /** A process was started. */
    record Spawned(long nanos, int process, int life, long pid) implements Deed {}

    /** All processes were started on the first wave at once. */
    record Went(long nanos) implements Deed {}

    /** The keys of a further wave were handed out. */
    record Wave(long nanos, int wave) implements Deed {}

    /**
     * A process was killed and has ended.
     *
     * @param sentNanos when the signal was sent
     * @param point the failpoint at which it was stopped; null if it was killed at a random moment
     */
    record Killed(
            long nanos,
            int process,
            int life,
            long sentNanos,
            @Nullable String point) implements Deed {}

    /**
     * A process was frozen.
     *
     * @param sentNanos when the signal was sent
     * @param point the failpoint at which it was stopped; null if it was frozen at a random moment
     */
    record Frozen(
            long nanos,
            int process,
            int life,
            long sentNanos,
            @Nullable String point) implements Deed {}

    /** A frozen process runs again. */
    record Thawed(long nanos, int process, int life) implements Deed {}

    /** The wall clock of a process was shifted by {@code offsetMillis}. */
    record Reclocked(long nanos, int process, int life, long offsetMillis) implements Deed {}

    /** The last fault was over. */
    record Calmed(long nanos) implements Deed {}

    /** The final sweep over all keys, after the last lease had ended, was done. */
    record Swept(long nanos) implements Deed {}
}
