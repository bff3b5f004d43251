package io.toolgate.race.verify;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.tuple;

import io.toolgate.race.checker.Violation;
import io.toolgate.race.racer.RuntimeUnderTest;
import io.toolgate.race.settings.RaceSettings;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.Test;

/** What counts as caught and as held, by the violations that races find. */
class VerifierTest {
    private static final Violation TWICE = violation(Violation.Kind.CHARGED_TWICE, 5);
    private static final Violation OTHER_BYTES = violation(Violation.Kind.DIFFERENT_RESULTS, 2);

    private final List<RaceSettings> raced = new ArrayList<>();
    private final StringWriter progress = new StringWriter();

    @Test
    void aRuntimeThatViolatesNothingIsMissedAfterThreeRaces() throws Exception {
        Verification verification = verify(3, settings -> List.of());
        assertThat(verification.passed()).isFalse();
        assertThat(verification.mutants().get(0))
                .returns(false, Verification.Caught::caught)
                .returns(3, Verification.Caught::races)
                .returns("", Verification.Caught::seen);
        assertThat(verification.real().get(0).held()).isTrue();
        assertThat(raced)
                .extracting(RaceSettings::seed, RaceSettings::runtime)
                .containsExactly(
                        tuple(3L, Whole.class.getName()),
                        tuple(4L, Whole.class.getName()),
                        tuple(5L, Whole.class.getName()),
                        tuple(3L, null));
        assertThat(progress.toString()).contains("MISSED", "VERIFY: failed — 0 of 1 broken runtimes were caught");
    }

    @Test
    void aRaceThatFailsForAnotherReasonHasNotCaughtIt() throws Exception {
        Verification verification =
                verify(3, settings -> settings.runtime() == null ? List.of() : List.of(OTHER_BYTES));
        assertThat(verification.passed()).isFalse();
        assertThat(verification.mutants().get(0))
                .returns(false, Verification.Caught::caught)
                .returns(List.of("different results"), Verification.Caught::by)
                .returns(OTHER_BYTES.describe(), Verification.Caught::seen);
    }

    @Test
    void theRaceThatProvokesTheFaultIsTheLast() throws Exception {
        Verification verification =
                verify(7, settings -> settings.runtime() != null && settings.seed() == 8 ? List.of(TWICE) : List.of());
        assertThat(verification.passed()).isTrue();
        assertThat(verification.mutants().get(0))
                .returns(true, Verification.Caught::caught)
                .returns(2, Verification.Caught::races)
                .returns(List.of(5), Verification.Caught::rules);
    }

    @Test
    void aRealRuntimeThatDoesNotHoldFails() throws Exception {
        Verification verification = verify(3, settings -> List.of(TWICE));
        assertThat(verification.mutants().get(0).caught()).isTrue();
        assertThat(verification.real().get(0))
                .returns(false, Verification.Passed::held)
                .returns(TWICE.describe(), Verification.Passed::seen);
        assertThat(verification.passed()).isFalse();
        assertThat(progress.toString()).contains("the real one did not hold under 1 of their conditions");
    }

    @Test
    void aStopEndsItWithoutAVerdict() throws Exception {
        assertThat(verifier(3, settings -> Optional.empty()).run()).isEmpty();
    }

    @Test
    void aRaceThatDoesNotCompleteIsNamedAsSuch() {
        assertThatThrownBy(() -> verifier(3, settings -> {
                            throw new IOException("no space left");
                        })
                        .run())
                .isInstanceOf(IOException.class)
                .hasMessage("a race failed to complete: no space left");
    }

    private Verification verify(long seed, Function<RaceSettings, List<Violation>> races)
            throws IOException, InterruptedException {
        return verifier(seed, settings -> Optional.of(races.apply(settings)))
                .run()
                .orElseThrow();
    }

    private Verifier verifier(long seed, Verifier.Races races) {
        Mutant mutant = new Mutant(
                "whole",
                "nothing wrong",
                Whole.class,
                UnaryOperator.identity(),
                Set.of(Violation.Kind.CHARGED_TWICE, Violation.Kind.TWO_OWNERS));
        return new Verifier(List.of(mutant), seed, new PrintWriter(progress), settings -> {
            raced.add(settings);
            return races.race(settings);
        });
    }

    private static Violation violation(Violation.Kind kind, int rule) {
        return new Violation(kind, rule, "key-000001", "seen", List.of());
    }

    /** A runtime's name; it is never run. */
    private static final class Whole implements RuntimeUnderTest {}
}
