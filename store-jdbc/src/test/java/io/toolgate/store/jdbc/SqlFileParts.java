package io.toolgate.store.jdbc;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.function.Predicate;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** The parts of a file with one SQL statement: the comment at its head, the statement, the parameters of each. */
public final class SqlFileParts {
    /** A named parameter; its name is group 1. */
    public static final Pattern PARAMETER = Pattern.compile("(?<![:\\w]):([a-zA-Z]\\w*)");

    private static final Predicate<String> IS_HEADER = line -> line.startsWith("--");

    private SqlFileParts() {}

    /** The SQL files in {@code folder} and the folders below it. */
    public static List<Path> files(Path folder) {
        try (Stream<Path> walk = Files.walk(folder)) {
            return walk.filter(path -> path.toString().endsWith(".sql"))
                    .sorted()
                    .toList();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static String header(Path file) throws IOException {
        return Files.readString(file).lines().takeWhile(IS_HEADER).collect(Collectors.joining("\n"));
    }

    /** The statement. */
    public static String body(Path file) throws IOException {
        return Files.readString(file).lines().dropWhile(IS_HEADER).collect(Collectors.joining("\n"));
    }

    /** The parameters in {@code text}, each once. */
    public static List<String> parameters(String text) {
        return PARAMETER
                .matcher(text)
                .results()
                .map(match -> match.group(1))
                .distinct()
                .toList();
    }

    /** The parameters that the header names; it must say "none" if the statement has none. */
    public static List<String> namedParameters(Path file) throws IOException {
        String header = header(file);
        int from = header.indexOf("-- Parameters: ");
        String named = header.substring(from, header.indexOf("-- Index:", from));
        if (parameters(body(file)).isEmpty()) {
            assertThat(named).contains("none");
        }
        return parameters(named);
    }

    /** Asserts that the header has every part, and that no line is too long. */
    public static void assertHeaderIsComplete(Path file) throws IOException {
        assertThat(header(file))
                .contains(
                        "-- Purpose:    ", "-- Parameters: ", "-- Index:      ", "-- Isolation:  ", "-- Rows:       ");
        assertThat(Files.readString(file).lines()).allMatch(line -> line.length() <= 125, "at most 125 columns");
    }
}
