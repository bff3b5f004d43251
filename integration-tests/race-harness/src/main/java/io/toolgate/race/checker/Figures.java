package io.toolgate.race.checker;

/**
 * Latencies of a run.
 *
 * @param executing from call to answer, of calls that ran the action
 * @param replaying from call to answer, of calls that received a stored result
 * @param replayLag of the latter calls, from the storing of the result, or from the call if that was later, to the
 *     answer
 */
public record Figures(Latencies executing, Latencies replaying, Latencies replayLag) {}
