package io.toolgate.bench.report;

import java.util.List;
import java.util.Map;

/**
 * The report of a run, in the order of its JSON.
 *
 * @param benchmark the command
 * @param results one for each contender, load and variant
 * @param settings how it was measured
 * @param database its version and settings, as it reports them
 * @param machine its processor, memory and system
 * @param contenders how each was set up, by name
 * @param leftOut the reason why a contender could not take part, by its name
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
