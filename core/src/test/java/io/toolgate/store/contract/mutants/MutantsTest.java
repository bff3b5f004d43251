package io.toolgate.store.contract.mutants;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.platform.engine.discovery.DiscoverySelectors.selectClass;
import static org.junit.platform.launcher.TagFilter.excludeTags;

import io.toolgate.store.contract.IdempotencyStoreContract;
import io.toolgate.store.contract.ModelDatabase;
import io.toolgate.store.contract.ModelStore;
import io.toolgate.store.contract.ModelStoreUnderTest;
import io.toolgate.store.contract.Rule;
import io.toolgate.store.contract.StoreUnderTest;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.TreeSet;
import java.util.function.Function;
import java.util.function.Predicate;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.platform.engine.FilterResult;
import org.junit.platform.engine.TestExecutionResult;
import org.junit.platform.engine.support.descriptor.MethodSource;
import org.junit.platform.launcher.PostDiscoveryFilter;
import org.junit.platform.testkit.engine.EngineExecutionResults;
import org.junit.platform.testkit.engine.EngineTestKit;
import org.junit.platform.testkit.engine.Event;

/** The contract fails for every broken store with a message that names the broken rule, and passes for the model. */
class MutantsTest {
    private static final Pattern RULE = Pattern.compile("Rule (\\d+) of core/SPEC.md: ");
    private static final List<String> TABLE = new ArrayList<>();

    /** For hints that a broken store will never give. */
    private static final Duration IMPATIENCE = Duration.ofMillis(200);

    private static Function<ModelDatabase, ModelStore> opener = ModelStore::new;
    private static Duration patience = IMPATIENCE;

    /** The contract, run on whatever store this test is about. Its name keeps it out of the build's own run. */
    static class ContractOfMutants extends IdempotencyStoreContract {
        @Override
        protected StoreUnderTest newStore() {
            return new ModelStoreUnderTest(opener, patience);
        }
    }

    @AfterAll
    static void printTable() {
        System.out.println("Broken stores, and the tests of their rules that find them:");
        TABLE.forEach(System.out::println);
    }

    @Test
    void theContractFindsNothingInTheModel() {
        EngineExecutionResults results = runContract(ModelStore::new, Duration.ofSeconds(10), method -> true);
        assertThat(results.testEvents().failed().list()).isEmpty();
        assertThat(results.testEvents().aborted().list()).isEmpty();
        assertThat(results.testEvents().succeeded().count()).isGreaterThan(250);
    }

    /** Runs the tests that check the broken rule and no other: those of other rules could not name it. */
    @ParameterizedTest
    @EnumSource
    void aBrokenStoreFailsWithAMessageThatNamesTheRule(Mutant mutant) {
        int[] broken = {mutant.rule()};
        List<Event> failed = runContract(mutant::open, IMPATIENCE, method -> Arrays.equals(rules(method), broken))
                .testEvents()
                .failed()
                .list();
        TreeSet<String> named = new TreeSet<>();
        for (Event event : failed) {
            Matcher message = RULE.matcher(messageOf(event));
            if (message.lookingAt() && Integer.parseInt(message.group(1)) == mutant.rule()) {
                named.add(methodOf(event));
            }
        }
        TABLE.add("  %-44s rule %2d: %s".formatted(mutant, mutant.rule(), named));
        assertThat(named)
                .as("tests of rule %s that find %s; these failed: %s", mutant.rule(), mutant, failed)
                .isNotEmpty();
    }

    @Test
    void everyRuleHasABrokenStore() {
        assertThat(Arrays.stream(Mutant.values()).map(Mutant::rule).collect(Collectors.toSet()))
                .containsExactlyInAnyOrderElementsOf(
                        IntStream.rangeClosed(1, 19).boxed().toList());
    }

    private static EngineExecutionResults runContract(
            Function<ModelDatabase, ModelStore> stores, Duration howPatient, Predicate<MethodSource> tests) {
        opener = stores;
        patience = howPatient;
        PostDiscoveryFilter chosen = descriptor -> FilterResult.includedIf(descriptor
                .getSource()
                .filter(MethodSource.class::isInstance)
                .map(MethodSource.class::cast)
                .map(tests::test)
                .orElse(true));
        return EngineTestKit.engine("junit-jupiter")
                .selectors(selectClass(ContractOfMutants.class))
                .filters(excludeTags("histories"), chosen)
                .execute();
    }

    private static int[] rules(MethodSource test) {
        Rule rule = test.getJavaMethod().getAnnotation(Rule.class);
        return rule == null ? new int[0] : rule.value();
    }

    private static String messageOf(Event event) {
        return event.getRequiredPayload(TestExecutionResult.class)
                .getThrowable()
                .map(Throwable::getMessage)
                .orElse("");
    }

    private static String methodOf(Event event) {
        return event.getTestDescriptor()
                .getSource()
                .filter(MethodSource.class::isInstance)
                .map(source -> ((MethodSource) source).getMethodName())
                .orElse("?");
    }
}
