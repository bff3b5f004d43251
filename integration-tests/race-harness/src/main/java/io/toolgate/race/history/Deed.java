package io.toolgate.race.history;

import com.fasterxml.jackson.annotation.JsonSubTypes;
import com.fasterxml.jackson.annotation.JsonTypeInfo;
import org.jspecify.annotations.Nullable;

/**
 * Something that the harness did to its processes. {@code nanos} is the machine's monotonic clock, when it had taken effect;
 * {@code process} is the place of a process in the run, from 1, {@code life} counts those who had that place, from 1.
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
    /** When, by the machine's monotonic clock. */
    long nanos();

    /** A process was started. */
    record Spawned(long nanos, int process, int life, long pid) implements Deed {}

    /** All were let go at once. */
    record Went(long nanos) implements Deed {}

    /** The keys of a further wave were given out. */
    record Wave(long nanos, int wave) implements Deed {}

    /**
     * A process was killed, and is dead.
     *
     * @param sentNanos when the signal was sent
     * @param point the failpoint that it stood at; null if it was killed wherever it was
     */
    record Killed(
            long nanos,
            int process,
            int life,
            long sentNanos,
            @Nullable String point) implements Deed {}

    /**
     * A process was stopped, and does not run.
     *
     * @param sentNanos when the signal was sent
     * @param point the failpoint that it stood at; null if it was frozen wherever it was
     */
    record Frozen(
            long nanos,
            int process,
            int life,
            long sentNanos,
            @Nullable String point) implements Deed {}

    /** A frozen process runs again. */
    record Thawed(long nanos, int process, int life) implements Deed {}

    /** The wall clock of a process was set off by {@code offsetMillis}. */
    record Reclocked(long nanos, int process, int life, long offsetMillis) implements Deed {}

    /** The last fault was over. */
    record Calmed(long nanos) implements Deed {}

    /** After the last lease had ended, all that was unfinished was looked at once. */
    record Swept(long nanos) implements Deed {}
}
