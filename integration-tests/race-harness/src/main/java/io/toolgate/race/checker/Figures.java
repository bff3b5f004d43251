package io.toolgate.race.checker;

/**
 * How long things took.
 *
 * @param executing from the call to the answer, of calls that ran the action
 * @param replaying from the call to the answer, of calls that were given what another stored
 * @param replayLag from when the result was stored, or from the call if that was later, to the answer, of the same calls
 */
public record Figures(Latencies executing, Latencies replaying, Latencies replayLag) {}
