package io.toolgate.scenarios;

import static com.tngtech.archunit.base.DescribedPredicate.describe;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;
import static org.assertj.core.api.Assertions.assertThat;

import com.tngtech.archunit.core.domain.Dependency;
import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.lang.ArchCondition;
import com.tngtech.archunit.lang.ArchRule;
import com.tngtech.archunit.lang.ConditionEvents;
import com.tngtech.archunit.lang.SimpleConditionEvent;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** The packages inside a module: which may use which, that there are no cycles, and that both rules can fail. */
class PackageArrowsTest {
    private static final JavaClasses MAIN = new ClassFileImporter()
            .withImportOption(location -> !location.contains("/test-classes/") && !location.contains("-tests.jar"))
            .importPackages("io.toolgate");

    /** The packages of core, as its ARCHITECTURE.md draws them. */
    private static final Packages CORE = new Packages(
            "io.toolgate.internal",
            Map.of(
                    "base", Set.of(),
                    "codec", Set.of("base"),
                    "replay", Set.of("base"),
                    "waiting", Set.of("replay", "base"),
                    "attempt", Set.of("codec", "replay", "base"),
                    "call", Set.of("attempt", "waiting", "base"),
                    "resolve", Set.of("attempt", "replay", "base")));

    private static final String JDBC_FACADE = "io.toolgate.store.jdbc";

    /** The packages of store-jdbc, as core's ARCHITECTURE.md draws them. */
    private static final Packages JDBC = new Packages(
            JDBC_FACADE + ".internal",
            Map.of(
                    "error", Set.of(),
                    "sql", Set.of("error"),
                    "commit", Set.of("sql", "error"),
                    "operation", Set.of("commit", "sql"),
                    "transaction", Set.of("operation", "commit", "sql", "error"),
                    "wakeup", Set.of("sql"),
                    "sqlite", Set.of("sql", "error"),
                    "open", Set.of("sqlite", "sql", "error")));

    /** The types of the facade that are values or callbacks, and so may be used below it. */
    private static final Set<String> JDBC_VALUES = Set.of(
            JDBC_FACADE + ".JournalEntry", JDBC_FACADE + ".TransactionBody", JDBC_FACADE + ".TransactionOutcome");

    private static final Packages CLI = new Packages(
            "io.toolgate.cli",
            Map.of(
                    "output", Set.of(),
                    "query", Set.of(),
                    "health", Set.of("query"),
                    "explain", Set.of("query", "output"),
                    "base", Set.of("query", "output"),
                    "command", Set.of("base", "explain", "health", "query", "output")));

    /**
     * The packages directly below {@code root}, each with those below it that it may use. Classes in {@code root}
     * itself may use all of them, and none of them may use those.
     */
    private record Packages(String root, Map<String, Set<String>> uses) {
        ArchRule arrows() {
            return classes().that().resideInAPackage(root + ".*..").should(pointAlongTheArrows());
        }

        ArchRule cycles() {
            return slices().matching(root + ".(*)..").should().beFreeOfCycles();
        }

        private ArchCondition<JavaClass> pointAlongTheArrows() {
            return new ArchCondition<>("use only the packages that " + root + " allows theirs: " + uses) {
                @Override
                public void check(JavaClass type, ConditionEvents events) {
                    for (Dependency dependency : type.getDirectDependenciesFromSelf()) {
                        JavaClass target = dependency.getTargetClass().getBaseComponentType();
                        if (isInside(target) && !allows(nameOf(type), nameOf(target))) {
                            events.add(SimpleConditionEvent.violated(type, dependency.getDescription()));
                        }
                    }
                }
            };
        }

        private boolean isInside(JavaClass type) {
            return type.getPackageName().equals(root) || type.getPackageName().startsWith(root + ".");
        }

        private boolean allows(String from, String to) {
            return from.equals(to) || uses.getOrDefault(from, Set.of()).contains(to);
        }

        /** The name of a package below the root; empty for the root. */
        private String nameOf(JavaClass type) {
            String below = type.getPackageName().substring(root.length());
            return below.isEmpty() ? "" : below.split("\\.")[1];
        }

        Set<String> found(JavaClasses classes) {
            return classes.stream()
                    .filter(type -> isInside(type) && !nameOf(type).isEmpty())
                    .map(this::nameOf)
                    .collect(Collectors.toCollection(TreeSet::new));
        }

        @Override
        public String toString() {
            return root;
        }
    }

    static Stream<Packages> modules() {
        return Stream.of(CORE, JDBC, CLI);
    }

    @ParameterizedTest
    @MethodSource("modules")
    void usesPointAlongTheArrows(Packages packages) {
        packages.arrows().check(MAIN);
    }

    @ParameterizedTest
    @MethodSource("modules")
    void packagesAreFreeOfCycles(Packages packages) {
        packages.cycles().check(MAIN);
    }

    @ParameterizedTest
    @MethodSource("modules")
    void everyPackageIsDrawn(Packages packages) {
        assertThat(packages.found(MAIN))
                .containsExactlyInAnyOrderElementsOf(packages.uses().keySet());
    }

    @Test
    void theJdbcStoreUsesNothingOfItsFacadeBelowItButValues() {
        ArchRule rule = noClasses()
                .that()
                .resideInAPackage(JDBC.root() + "..")
                .should()
                .dependOnClassesThat(describe(
                        "belong to the facade",
                        type -> type.getPackageName().equals(JDBC_FACADE) && !JDBC_VALUES.contains(outermost(type))));
        rule.check(MAIN);
    }

    private static String outermost(JavaClass type) {
        return type.getName().split("\\$", 2)[0];
    }

    @Test
    void usesAgainstAnArrowAndCyclesAreFound() {
        String root = "io.toolgate.scenarios.offenders";
        JavaClasses offenders = new ClassFileImporter().importPackages(root);
        Packages drawn = new Packages(root, Map.of("upper", Set.of("lower"), "lower", Set.of()));
        assertThat(drawn.arrows().evaluate(offenders).getFailureReport().getDetails())
                .isNotEmpty()
                .allSatisfy(
                        detail -> assertThat(detail).contains("LowerOffender").contains("UpperOffender"));
        assertThat(drawn.cycles().evaluate(offenders).hasViolation()).isTrue();
        Packages bothWays = new Packages(root, Map.of("upper", Set.of("lower"), "lower", Set.of("upper")));
        assertThat(bothWays.arrows().evaluate(offenders).hasViolation())
                .as("uses that are drawn")
                .isFalse();
    }
}
