package io.toolgate.scenarios;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/**
 * Ties the rules of {@code core/SPEC.md} to the tests that name them with {@link io.toolgate.store.contract.Rule}, both
 * ways, and lists the tests of each rule in {@code target/specification.md}.
 */
class SpecificationTest {
    private static final Pattern HEADING = Pattern.compile("(?m)^## (\\d+)\\. (.*)$");
    private static final Pattern ANNOTATION = Pattern.compile("@Rule\\(");
    private static final Pattern TEST =
            Pattern.compile("@Rule\\(\\{?([\\d, ]+)}?\\)(?:(?!@Rule).)*?\\bvoid (\\w+)\\(", Pattern.DOTALL);
    private static final Pattern NUMBER_IN_NAME =
            Pattern.compile("\\bvoid (\\w*rules?_?\\d\\w*)\\(", Pattern.CASE_INSENSITIVE);

    private static Path root;
    private static Map<Integer, String> rules;

    @BeforeAll
    static void readPage() throws IOException {
        root = root();
        rules = rules(Files.readString(root.resolve("core/SPEC.md")));
    }

    @Test
    void everyRuleHasATestAndEveryTestsRuleExists() throws IOException {
        Listing listing = new Listing();
        try (Stream<Path> files = Files.walk(root)) {
            for (Path file : (Iterable<Path>) files.filter(SpecificationTest::isTestSource)::iterator) {
                listing.add(file.getFileName().toString().replace(".java", ""), Files.readString(file));
            }
        }
        Path target = root.resolve("integration-tests/scenarios/target");
        Files.writeString(Files.createDirectories(target).resolve("specification.md"), listing.page(rules));
        assertAgree(rules, listing);
    }

    @Test
    void rulesAreNumberedFromOneOn() {
        assertThat(rules).isNotEmpty();
        assertThat(((TreeMap<Integer, String>) rules).lastKey()).isEqualTo(rules.size());
    }

    @Test
    void aRuleWithoutATestIsRefused() {
        assertThatThrownBy(() -> assertAgree(Map.of(1, "One owner"), new Listing()))
                .isInstanceOf(AssertionError.class)
                .hasMessageContaining("rules of core/SPEC.md");
    }

    @Test
    void aTestOfARuleThatDoesNotExistIsRefused() {
        Listing listing = new Listing();
        listing.add("SomeTest", annotated("1"));
        listing.add("SomeTest", annotated("{1, 99}"));
        assertThat(listing.tests).containsOnlyKeys(1, 99);
        assertThatThrownBy(() -> assertAgree(Map.of(1, "One owner"), listing))
                .isInstanceOf(AssertionError.class)
                .hasMessageContaining("99");
    }

    @Test
    void aTestThatNamesItsRuleInItsNameIsRefused() {
        String source = "@Test void " + "rule_1_something() {}";
        assertThatThrownBy(() -> new Listing().add("SomeTest", source))
                .isInstanceOf(AssertionError.class)
                .hasMessageContaining("rule_1_something");
    }

    @Test
    void anAnnotationThatCannotBeReadIsRefused() {
        assertThatThrownBy(() -> new Listing().add("SomeTest", annotated("SOME_CONSTANT")))
                .isInstanceOf(AssertionError.class)
                .hasMessageContaining("SomeTest");
    }

    private static String annotated(String numbers) {
        return "@Rule" + "(" + numbers + ")\n@ValueSource(ints = {3, 8})\nvoid something() {}";
    }

    private static void assertAgree(Map<Integer, String> rules, Listing listing) {
        assertThat(listing.tests.keySet())
                .as("numbers in tests' annotations, and the rules of core/SPEC.md")
                .containsExactlyInAnyOrderElementsOf(rules.keySet());
    }

    private static Map<Integer, String> rules(String page) {
        Map<Integer, String> rules = new TreeMap<>();
        Matcher heading = HEADING.matcher(page);
        while (heading.find()) {
            String before = rules.put(Integer.valueOf(heading.group(1)), heading.group(2));
            assertThat(before).as("another rule %s", heading.group(1)).isNull();
        }
        return rules;
    }

    private static boolean isTestSource(Path file) {
        String path = file.toString().replace('\\', '/');
        return path.endsWith(".java") && path.contains("/src/test/java/");
    }

    private static Path root() {
        Path folder = Path.of("").toAbsolutePath();
        while (folder != null && !Files.exists(folder.resolve("core/SPEC.md"))) {
            folder = folder.getParent();
        }
        assertThat(folder)
                .as("a folder with core/SPEC.md in it, above the working directory")
                .isNotNull();
        return folder;
    }

    /** The tests of each rule: by the rule's number, then by the test's class. */
    private static final class Listing {
        private final Map<Integer, Map<String, TreeSet<String>>> tests = new TreeMap<>();

        void add(String type, String source) {
            assertThat(NUMBER_IN_NAME.matcher(source).results().map(name -> name.group(1)))
                    .as("tests of %s with a rule's number in their name; it belongs into @Rule", type)
                    .isEmpty();
            long read = 0;
            Matcher test = TEST.matcher(source);
            while (test.find()) {
                read++;
                for (String number : test.group(1).split(",")) {
                    tests.computeIfAbsent(Integer.valueOf(number.strip()), n -> new TreeMap<>())
                            .computeIfAbsent(type, t -> new TreeSet<>())
                            .add(test.group(2));
                }
            }
            assertThat(read)
                    .as("annotations of %s that are numbers and stand at a test", type)
                    .isEqualTo(ANNOTATION.matcher(source).results().count());
        }

        String page(Map<Integer, String> rules) {
            StringBuilder page = new StringBuilder("# The tests of each rule of core/SPEC.md\n");
            tests.forEach((rule, types) -> {
                page.append("\n## %d. %s\n\n".formatted(rule, rules.getOrDefault(rule, "(no such rule)")));
                types.forEach((type, names) -> page.append("- `%s`: %s\n".formatted(type, String.join(", ", names))));
            });
            return page.toString();
        }
    }
}
