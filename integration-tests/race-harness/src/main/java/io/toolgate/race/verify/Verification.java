package io.toolgate.race.verify;

import java.util.List;

/**
 * Result of the harness's verification of itself. The component names, in snake case, are the JSON names.
 *
 * @param verdict {@code passed} or {@code failed}
 * @param seed the seed of all races
 * @param seconds the duration
 * @param mutants the results of the broken runtimes
 * @param real the results of the real runtime under the same conditions
 */
record Verification(String verdict, long seed, double seconds, List<Caught> mutants, List<Passed> real) {
    /**
     * Result of a broken runtime.
     *
     * @param mutant its name
     * @param caught whether one of the expected violations was found
     * @param by the kinds of violations found, the worst first
     * @param rules the rules of {@code core/SPEC.md} that these violate
     * @param races the number of races
     * @param seconds from the start of the first race to the verdict of the last
     * @param seen an example
     */
    record Caught(
            String mutant,
            boolean caught,
            List<String> by,
            List<Integer> rules,
            int races,
            double seconds,
            String seen) {}

    /**
     * Result of the real runtime in one race.
     *
     * @param conditions the names of the broken runtimes that have the same race
     * @param held whether the guarantees held
     * @param seconds the duration
     * @param seen the first violation, or the empty text
     */
    record Passed(List<String> conditions, boolean held, double seconds, String seen) {}

    boolean passed() {
        return verdict.equals("passed");
    }
}
