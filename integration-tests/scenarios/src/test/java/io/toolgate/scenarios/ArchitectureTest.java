package io.toolgate.scenarios;

import static com.tngtech.archunit.base.DescribedPredicate.not;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAnyPackage;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.fields;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static org.assertj.core.api.Assertions.assertThat;

import com.tngtech.archunit.base.DescribedPredicate;
import com.tngtech.archunit.core.domain.JavaAccess;
import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.domain.JavaModifier;
import com.tngtech.archunit.core.domain.JavaPackage;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.Location;
import com.tngtech.archunit.lang.ArchCondition;
import com.tngtech.archunit.lang.ArchRule;
import com.tngtech.archunit.lang.ConditionEvents;
import com.tngtech.archunit.lang.SimpleConditionEvent;
import io.toolgate.scenarios.offenders.Offender;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.jspecify.annotations.NullMarked;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** Rules for dependencies in the published modules, and that each of these rules can fail. */
class ArchitectureTest {
    private static final JavaClasses MAIN =
            new ClassFileImporter().withImportOption(ArchitectureTest::isMain).importPackages("io.toolgate");
    private static final JavaClasses OFFENDER = new ClassFileImporter().importClasses(Offender.class);

    private static final String JDBC_MODULE = "io.toolgate.store.jdbc..";
    /** The command line, an extension that reads the store's tables with SQL of its own. */
    private static final String CLI = "io.toolgate.cli..";

    private static final String MIGRATIONS_MODULE = "io.toolgate.migrations..";
    private static final String MEMORY_MODULE = "io.toolgate.store.memory..";

    private static final Set<String> WALL_CLOCKS =
            Set.of("currentTimeMillis", "now", "systemUTC", "systemDefaultZone", "system", "tickMillis");

    /** Classes that may read a wall clock, each for the reason beside it. */
    private static final Set<String> CLOCK_READERS = Set.of(
            // The start of a store that is its own database; from there on it counts with the monotonic clock.
            "io.toolgate.store.memory.SteadyClock",
            // The epoch that SQLite's clock counts from, and its substitute where the kernel reports no uptime.
            "io.toolgate.store.jdbc.internal.sqlite.BootClock");

    /** The one class that others are meant to extend: a store that passes every call on. */
    private static final String DECORATOR = "io.toolgate.store.ForwardingStore";

    /** Main code, without the support module, which comes with the command line and is not published. */
    private static boolean isMain(Location location) {
        return !location.contains("/test-classes/")
                && !location.contains("-tests.jar")
                && !location.contains("/io/toolgate/support/");
    }

    static Stream<Arguments> rules() {
        return Stream.of(
                rule(noClasses()
                        .that(not(resideInAnyPackage(JDBC_MODULE, CLI, MIGRATIONS_MODULE)))
                        .should()
                        .dependOnClassesThat()
                        .resideInAnyPackage("java.sql..", "javax.sql..", "org.jdbi..", "com.zaxxer..", "org.flywaydb..")
                        .as("java.sql and Jdbi only in store-jdbc and migrations")),
                rule(noClasses()
                        .that(outsideCore())
                        .should()
                        .dependOnClassesThat()
                        .resideInAPackage("io.toolgate.internal..")
                        .as("nobody outside core uses its internals")),
                rule(noClasses()
                        .should()
                        .dependOnClassesThat()
                        .haveFullyQualifiedName("java.io.ObjectInputStream")
                        .orShould()
                        .dependOnClassesThat()
                        .haveFullyQualifiedName("java.io.ObjectOutputStream")
                        .as("no Java serialisation")),
                rule(fields().that().areStatic().should().beFinal().as("no static state")),
                rule(classes().should(notReadAWallClock()).as("no wall clock decides anything")),
                rule(classes()
                        .that(arePublicTopLevelClasses())
                        .should(beClosedForExtension())
                        .as("public types are final, sealed, records, enums or interfaces")));
    }

    private static Arguments rule(ArchRule rule) {
        return Arguments.of(rule);
    }

    @ParameterizedTest
    @MethodSource("rules")
    void holdsInTheModules(ArchRule rule) {
        rule.check(MAIN);
    }

    @ParameterizedTest
    @MethodSource("rules")
    void canFail(ArchRule rule) {
        assertThat(rule.evaluate(OFFENDER).hasViolation()).isTrue();
    }

    @Test
    void coreNeedsNothingButSlf4j() {
        ArchRule rule = classes()
                .that(not(outsideCore()))
                .and(not(DescribedPredicate.describe("use Jackson, which is optional", ArchitectureTest::usesJackson)))
                .and(not(
                        DescribedPredicate.describe("use Caffeine, which is optional", ArchitectureTest::usesCaffeine)))
                .should()
                .onlyDependOnClassesThat()
                .resideInAnyPackage(
                        "java..",
                        "javax.crypto..",
                        "io.toolgate..",
                        "org.slf4j..",
                        "org.jspecify..",
                        "com.google.errorprone.annotations..");
        rule.check(MAIN);
    }

    private static boolean usesJackson(JavaClass type) {
        return type.getName().startsWith("io.toolgate.Jackson")
                || type.getName().startsWith("io.toolgate.internal.codec.Jackson");
    }

    private static boolean usesCaffeine(JavaClass type) {
        return type.getName().startsWith("io.toolgate.internal.replay.CaffeineReplays");
    }

    @Test
    @DisplayName("every package is @NullMarked")
    void everyPackageIsNullMarked() {
        Set<String> unmarked = new TreeSet<>();
        for (JavaClass type : MAIN) {
            JavaPackage home = type.getPackage();
            if (!home.isAnnotatedWith(NullMarked.class)) {
                unmarked.add(home.getName());
            }
        }
        assertThat(unmarked).isEmpty();
        assertThat(MAIN.size()).as("classes that were checked").isGreaterThan(50);
        assertThat(OFFENDER.get(Offender.class).getPackage().isAnnotatedWith(NullMarked.class))
                .as("a package that is not")
                .isFalse();
    }

    private static DescribedPredicate<JavaClass> outsideCore() {
        return resideInAnyPackage(JDBC_MODULE, CLI, MIGRATIONS_MODULE, MEMORY_MODULE, "io.toolgate.scenarios..")
                .as("are outside core");
    }

    private static ArchCondition<JavaClass> notReadAWallClock() {
        return new ArchCondition<>("not read a wall clock") {
            @Override
            public void check(JavaClass type, ConditionEvents events) {
                if (CLOCK_READERS.contains(type.getName())) {
                    return;
                }
                for (JavaAccess<?> access : type.getAccessesFromSelf()) {
                    String owner = access.getTargetOwner().getName();
                    boolean clock = WALL_CLOCKS.contains(access.getTarget().getName())
                            && (owner.equals("java.lang.System") || owner.startsWith("java.time."));
                    if (clock || owner.equals("java.util.Date")) {
                        events.add(SimpleConditionEvent.violated(type, access.getDescription()));
                    }
                }
            }
        };
    }

    private static DescribedPredicate<JavaClass> arePublicTopLevelClasses() {
        return DescribedPredicate.describe(
                "are public top-level classes",
                type -> type.getModifiers().contains(JavaModifier.PUBLIC)
                        && type.isTopLevelClass()
                        && !type.isInterface()
                        && !type.getName().equals(DECORATOR)
                        && !type.getSimpleName().equals("package-info"));
    }

    private static ArchCondition<JavaClass> beClosedForExtension() {
        return new ArchCondition<>("be closed for extension") {
            @Override
            public void check(JavaClass type, ConditionEvents events) {
                boolean closed = type.getModifiers().contains(JavaModifier.FINAL)
                        || type.isEnum()
                        || type.reflect().isSealed()
                        // Extensible only from its own package: every constructor is out of reach elsewhere.
                        || type.getConstructors().stream()
                                .noneMatch(constructor ->
                                        constructor.getModifiers().contains(JavaModifier.PUBLIC)
                                                || constructor.getModifiers().contains(JavaModifier.PROTECTED));
                if (!closed) {
                    events.add(SimpleConditionEvent.violated(type, type.getName() + " can be extended by anybody"));
                }
            }
        };
    }
}
