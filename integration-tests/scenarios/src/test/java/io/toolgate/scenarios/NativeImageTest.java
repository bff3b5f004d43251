package io.toolgate.scenarios;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.PathMatcher;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The metadata for native images names what the code finds by name. No native image is built. */
class NativeImageTest {
    /** A class name of somebody else's in a string: what optional libraries are recognised by. */
    private static final Pattern NAMED_TYPE = Pattern.compile("\"((?:org|com|tools)\\.(?:[a-z0-9]+\\.)+[A-Z]\\w*)\"");

    private static final Pattern STATUS = Pattern.compile("(?m)^(\\S+)\tstatus (\\S+)\t");

    private static JsonNode metadata(String module) throws IOException {
        return new ObjectMapper()
                .readTree(sources(module)
                        .resolve("resources/META-INF/native-image/io.toolgate/toolgate-" + module)
                        .resolve("reachability-metadata.json")
                        .toFile());
    }

    private static Path sources(String module) {
        return Path.of("..", "..", module, "src", "main");
    }

    @ParameterizedTest
    @ValueSource(strings = {"core", "migrations", "store-jdbc"})
    void everyFileThatIsReadIsNamed(String module) throws IOException {
        List<PathMatcher> globs = StreamSupport.stream(
                        metadata(module).path("resources").spliterator(), false)
                .map(entry -> FileSystems.getDefault()
                        .getPathMatcher("glob:" + entry.path("glob").textValue()))
                .toList();
        Path root = sources(module).resolve("resources");
        try (Stream<Path> files = Files.walk(root)) {
            List<Path> read = files.filter(Files::isRegularFile)
                    .map(root::relativize)
                    .filter(file -> !file.startsWith("META-INF"))
                    .toList();
            assertThat(read).isNotEmpty().allMatch(file -> globs.stream().anyMatch(glob -> glob.matches(file)));
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"core", "migrations", "store-jdbc"})
    void everyTypeThatIsLookedForByNameIsNamed(String module) throws IOException {
        Set<String> looked = new TreeSet<>();
        try (Stream<Path> files = Files.walk(sources(module).resolve("java"))) {
            for (Path file :
                    (Iterable<Path>) files.filter(each -> each.toString().endsWith(".java"))::iterator) {
                Matcher named = NAMED_TYPE.matcher(Files.readString(file));
                while (named.find()) {
                    looked.add(named.group(1));
                }
            }
        }
        assertThat(looked).isNotEmpty();
        assertThat(types(module)).containsAll(looked);
    }

    @ParameterizedTest
    @ValueSource(strings = "core")
    void everyExceptionWithAStatusIsNamedWithItsMethod(String module) throws IOException {
        JsonNode reflection = metadata(module).path("reflection");
        Matcher row =
                STATUS.matcher(Files.readString(sources(module).resolve("resources/io/toolgate/http-failures.tsv")));
        int rows = 0;
        while (row.find()) {
            String type = row.group(1);
            String method = row.group(2).replaceAll("\\..*", "");
            assertThat(reflection).as("%s of %s", method, type).anySatisfy(entry -> {
                assertThat(entry.path("type").asText()).isEqualTo(type);
                assertThat(entry.path("methods").findValuesAsText("name")).contains(method);
            });
            rows++;
        }
        assertThat(rows).isPositive();
    }

    private static Set<String> types(String module) throws IOException {
        return StreamSupport.stream(metadata(module).path("reflection").spliterator(), false)
                .map(entry -> entry.path("type").asText())
                .collect(Collectors.toSet());
    }
}
