package io.toolgate.bench.report;

import java.util.List;
import java.util.Map;

/**
 * All that a run has to tell, in the order in which JSON has it.
 *
 * @param benchmark the command
 * @param results one for each contender, load and variant
 * @param settings how it was measured
 * @param database what the database says of itself
 * @param machine what it ran on
 * @param contenders how each was set up, by name
 * @param leftOut who could not take part, and why
 * @param failures measurements that failed; the results are without them
 */
public record Report(
        String benchmark,
        List<Result> results,
        Map<String, Object> settings,
        Map<String, Object> database,
        Map<String, Object> machine,
        Map<String, String> contenders,
        Map<String, String> leftOut,
        List<String> failures) {}
