package io.toolgate.examples;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

class ReadmeTest {
    private static final Path README = Path.of("../../README.md");
    private static final Path PROGRAM = Path.of("src/main/java/io/toolgate/examples/ChargeOnce.java");

    @Test
    void theFirstExampleIsTheProgramsOwnText() throws IOException {
        String program = between(Files.readString(PROGRAM), "// README: begin\n", "// README: end\n");
        String shown = program.lines()
                .map(line -> line.isBlank() ? "" : line.substring("        ".length()))
                .collect(Collectors.joining("\n"))
                .strip();
        String readme = between(Files.readString(README), "```java\n", "```\n").strip();
        assertThat(readme)
                .as("first example of README.md; copy the lines between the markers of %s", PROGRAM)
                .isEqualTo(shown);
    }

    private static String between(String text, String begin, String end) {
        int from = text.indexOf(begin);
        int to = text.indexOf(end, from + begin.length());
        assertThat(from).as("position of %s", begin.strip()).isNotNegative();
        assertThat(to).as("position of %s", end.strip()).isNotNegative();
        return text.substring(from + begin.length(), to);
    }
}
