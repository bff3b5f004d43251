package io.toolgate.scenarios;

import static com.tngtech.archunit.base.DescribedPredicate.describe;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;
import static org.assertj.core.api.Assertions.assertThat;

import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.lang.ArchRule;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Dependencies between the packages of store-jdbc, which point in one direction. */
class StorePackagesTest {
    private static final String FACADE = "io.toolgate.store.jdbc";
    private static final String INTERNAL = FACADE + ".internal.";
    private static final JavaClasses CLASSES = new ClassFileImporter()
            .withImportOption(ImportOption.Predefined.DO_NOT_INCLUDE_TESTS)
            .importPackages(FACADE);

    /** The packages that each internal package may use. */
    private static final Map<String, Set<String>> ARROWS = Map.of(
            "sql", Set.of(),
            "commit", Set.of("sql"),
            "operation", Set.of("commit", "sql"),
            "transaction", Set.of("operation", "commit", "sql"),
            "wakeup", Set.of("sql"),
            "sqlite", Set.of("sql"),
            "open", Set.of("sqlite", "sql"));

    /** The types of the facade that are values or callbacks, and so may be used below it. */
    private static final Set<String> VALUES =
            Set.of(FACADE + ".JournalEntry", FACADE + ".TransactionBody", FACADE + ".TransactionOutcome");

    static Stream<String> packages() {
        return ARROWS.keySet().stream();
    }

    @ParameterizedTest
    @MethodSource("packages")
    void packageUsesOnlyThePackagesBelowIt(String name) {
        mayUse(name, ARROWS.get(name)).check(CLASSES);
    }

    @Test
    void aForbiddenArrowIsFound() {
        assertThat(mayUse("commit", Set.of()).evaluate(CLASSES).hasViolation()).isTrue();
    }

    @Test
    void packagesHaveNoCycles() {
        slices().matching(INTERNAL + "(*)..").should().beFreeOfCycles().check(CLASSES);
    }

    @Test
    void internalPackagesAreTheListedOnes() {
        assertThat(CLASSES.stream()
                        .map(JavaClass::getPackageName)
                        .filter(name -> name.startsWith(INTERNAL))
                        .map(name -> name.substring(INTERNAL.length()))
                        .distinct())
                .containsExactlyInAnyOrderElementsOf(ARROWS.keySet());
    }

    @Test
    void internalPackagesUseNothingOfTheFacadeButValues() {
        noClasses()
                .that()
                .resideInAPackage(FACADE + ".internal..")
                .should()
                .dependOnClassesThat(describe(
                        "belong to the facade",
                        type -> type.getPackageName().equals(FACADE) && !VALUES.contains(outermost(type))))
                .check(CLASSES);
    }

    private static ArchRule mayUse(String name, Set<String> used) {
        return noClasses()
                .that()
                .resideInAPackage(INTERNAL + name)
                .should()
                .dependOnClassesThat(describe(
                        "are in another package than " + used,
                        type -> type.getPackageName().startsWith(INTERNAL) && !isIn(type, name, used)));
    }

    private static boolean isIn(JavaClass type, String name, Set<String> used) {
        String home = type.getPackageName().substring(INTERNAL.length());
        return home.equals(name) || used.contains(home);
    }

    private static String outermost(JavaClass type) {
        String name = type.getName();
        int nested = name.indexOf('$');
        return nested < 0 ? name : name.substring(0, nested);
    }
}
