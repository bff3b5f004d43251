package io.toolgate.race.verify;

import java.util.List;

/**
 * What came of the harness's judgement of itself. The components' names, in snake case, are the names that programs read.
 *
 * @param verdict {@code passed} or {@code failed}
 * @param seed from which all races were drawn
 * @param seconds that it took
 * @param mutants what came of each broken runtime
 * @param real what came of the real runtime under the same conditions
 */
record Verification(String verdict, long seed, double seconds, List<Caught> mutants, List<Passed> real) {
    /**
     * What came of a broken runtime.
     *
     * @param caught whether it was, by what had to catch it
     * @param by the checks that it was caught by, the worst first
     * @param rules of {@code core/SPEC.md} that these checks cite
     * @param races how many it took
     * @param seconds from the start of the first to the verdict of the last
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
     * What came of the real runtime.
     *
     * @param conditions the broken runtimes whose race it was
     * @param held whether it held
     * @param seen what it was that did not, or nothing
     */
    record Passed(List<String> conditions, boolean held, double seconds, String seen) {}

    boolean passed() {
        return verdict.equals("passed");
    }
}
