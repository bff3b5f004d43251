package io.toolgate.scenarios;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/**
 * Ties the rules of {@code core/SPEC.md} to the tests that carry their numbers, both ways: every rule has tests, every test
 * with a number has its rule, and the page lists exactly the tests there are. After adding or renaming a test, run this
 * one with {@code -Dtoolgate.spec.write=true} to bring the page up to date.
 */
class SpecificationTest {
    private static final int RULES = 14;
    private static final Pattern TEST = Pattern.compile("\\bvoid (rule_(\\d+)_\\w+)\\(");
    private static final Pattern BLOCK =
            Pattern.compile("(<!-- tests (\\d+) -->\n)(.*?)(<!-- end -->)", Pattern.DOTALL);

    @Test
    void thePageAndTheTestsAgree() throws IOException {
        Path root = root();
        Path page = root.resolve("core/SPEC.md");
        String written = Files.readString(page);
        String expected = withTests(written, tests(root));
        if (Boolean.getBoolean("toolgate.spec.write")) {
            Files.writeString(page, expected);
            return;
        }
        assertThat(written)
                .as("core/SPEC.md lists other tests than there are; -Dtoolgate.spec.write=true writes it anew")
                .isEqualTo(expected);
    }

    @Test
    void everyRuleHasAHeadingABlockAndATest() throws IOException {
        Path root = root();
        String page = Files.readString(root.resolve("core/SPEC.md"));
        Map<Integer, Map<String, TreeSet<String>>> tests = tests(root);
        for (int rule = 1; rule <= RULES; rule++) {
            assertThat(page).contains("\n## " + rule + ". ").contains("<!-- tests " + rule + " -->");
            assertThat(tests.get(rule)).as("tests of rule " + rule).isNotEmpty();
        }
        assertThat(tests.keySet()).as("numbers that tests carry").allMatch(rule -> rule >= 1 && rule <= RULES);
    }

    @Test
    void aPageThatMissesATestDiffers() {
        Map<Integer, Map<String, TreeSet<String>>> tests = new TreeMap<>();
        tests.computeIfAbsent(1, n -> new TreeMap<>())
                .computeIfAbsent("SomeTest", c -> new TreeSet<>())
                .add("rule_1_something");
        String page = "<!-- tests 1 -->\n<!-- end -->\n";
        assertThat(withTests(page, tests)).isNotEqualTo(page).contains("`SomeTest`: rule_1_something");
    }

    private static String withTests(String page, Map<Integer, Map<String, TreeSet<String>>> tests) {
        return BLOCK.matcher(page).replaceAll(block -> {
            StringBuilder lines = new StringBuilder(block.group(1));
            tests.getOrDefault(Integer.valueOf(block.group(2)), Map.of())
                    .forEach((type, names) -> lines.append("- `")
                            .append(type)
                            .append("`: ")
                            .append(String.join(", ", names))
                            .append('\n'));
            return Matcher.quoteReplacement(lines.append(block.group(4)).toString());
        });
    }

    /** All test methods with a rule's number: by number, then by class. */
    private static Map<Integer, Map<String, TreeSet<String>>> tests(Path root) throws IOException {
        Map<Integer, Map<String, TreeSet<String>>> tests = new TreeMap<>();
        try (Stream<Path> files = Files.walk(root)) {
            for (Path file : (Iterable<Path>) files.filter(SpecificationTest::isTestSource)::iterator) {
                String type = file.getFileName().toString().replace(".java", "");
                Matcher test = TEST.matcher(Files.readString(file));
                while (test.find()) {
                    tests.computeIfAbsent(Integer.valueOf(test.group(2)), n -> new TreeMap<>())
                            .computeIfAbsent(type, c -> new TreeSet<>())
                            .add(test.group(1));
                }
            }
        }
        return tests;
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
}
