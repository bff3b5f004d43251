package io.toolgate.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.toolgate.migrations.Database;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * The headers of the command line's SQL files are true, both databases have the same files, and none writes.
 */
class CliSqlFilesTest {
    private static final Path FOLDER = Path.of("src/main/resources/io/toolgate/cli/query");
    private static final Pattern PARAMETER = Pattern.compile("(?<![:\\w]):([a-zA-Z]\\w*)");
    private static final Pattern WRITES =
            Pattern.compile("\\b(INSERT|UPDATE|DELETE|TRUNCATE|CREATE|ALTER|DROP|LOCK|nextval)\\b(?! ')");

    static List<Path> files() {
        try (Stream<Path> walk = Files.walk(FOLDER)) {
            return walk.filter(path -> path.toString().endsWith(".sql"))
                    .sorted()
                    .toList();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Test
    void bothDatabasesHaveTheSameFiles() {
        assertThat(names(Database.POSTGRESQL)).hasSizeGreaterThan(30).isEqualTo(names(Database.SQLITE));
    }

    private static List<String> names(Database database) {
        Path folder = FOLDER.resolve(database.directory());
        return files().stream()
                .filter(file -> file.startsWith(folder))
                .map(file -> folder.relativize(file).toString())
                .toList();
    }

    @ParameterizedTest
    @MethodSource("files")
    void theHeaderHasEveryPart(Path file) throws IOException {
        assertThat(head(file))
                .contains(
                        "-- Purpose:    ", "-- Parameters: ", "-- Index:      ", "-- Isolation:  ", "-- Rows:       ");
        assertThat(Files.readString(file).lines()).allMatch(line -> line.length() <= 125, "at most 125 columns");
    }

    @ParameterizedTest
    @MethodSource("files")
    void theHeaderNamesExactlyTheParameters(Path file) throws IOException {
        String head = head(file);
        String named = head.substring(head.indexOf("-- Parameters: "), head.indexOf("-- Index:"));
        List<String> used = parameters(body(file));
        if (used.isEmpty()) {
            assertThat(named).contains("none");
        }
        assertThat(parameters(named)).containsExactlyInAnyOrderElementsOf(used);
    }

    @ParameterizedTest
    @MethodSource("files")
    void eachFileIsOneReadOnlyStatement(Path file) throws IOException {
        assertThat(body(file)).doesNotContain(";").doesNotContain("--").doesNotContainPattern(WRITES);
    }

    private static List<String> parameters(String text) {
        return PARAMETER
                .matcher(text)
                .results()
                .map(match -> match.group(1))
                .distinct()
                .toList();
    }

    private static String head(Path file) throws IOException {
        return Files.readString(file)
                .lines()
                .takeWhile(line -> line.startsWith("--"))
                .collect(Collectors.joining("\n"));
    }

    private static String body(Path file) throws IOException {
        return Files.readString(file)
                .lines()
                .dropWhile(line -> line.startsWith("--"))
                .collect(Collectors.joining("\n"));
    }
}
