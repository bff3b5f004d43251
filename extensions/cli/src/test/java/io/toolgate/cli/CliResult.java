package io.toolgate.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;

/** The exit status and output of a command. */
record CliResult(int status, String out, String err) {
    private static final ObjectMapper MAPPER = new ObjectMapper();

    /** The one JSON object on standard output, with nothing after it. */
    JsonNode json() {
        try {
            JsonNode json = MAPPER.reader()
                    .with(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
                    .readTree(out);
            assertThat(json.isObject()).as("%s", this).isTrue();
            return json;
        } catch (JsonProcessingException e) {
            throw new AssertionError("not one JSON object: " + this, e);
        }
    }

    /** Asserts that it was done. */
    CliResult done() {
        assertThat(status).as("%s", this).isZero();
        assertThat(err).as("%s", this).isEmpty();
        return this;
    }

    /** Asserts that it was refused, or wrong usage, with one line that says so and nothing else. */
    void refused(String... words) {
        ended(2, words);
    }

    /** Asserts that it failed, with one line that says so and nothing else. */
    void failed(String... words) {
        ended(1, words);
    }

    private void ended(int expected, String... words) {
        assertThat(status).as("%s", this).isEqualTo(expected);
        assertThat(out).as("%s", this).isEmpty();
        assertThat(err.lines()).as("%s", this).hasSize(1);
        assertThat(err)
                .startsWith("toolgate: ")
                .contains(words)
                .doesNotContain("\tat ")
                .doesNotContain("java.");
    }
}
