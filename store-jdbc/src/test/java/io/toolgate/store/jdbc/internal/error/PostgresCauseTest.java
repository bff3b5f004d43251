package io.toolgate.store.jdbc.internal.error;

import static org.assertj.core.api.Assertions.assertThat;

import io.toolgate.store.jdbc.Samples;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.SQLException;
import java.sql.SQLTransientConnectionException;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** The table of causes, and its page for users. */
class PostgresCauseTest {
    private static final Path PAGE = Path.of("CAUSES.md");

    @ParameterizedTest
    @EnumSource
    void everyRowIsFound(PostgresCause cause) {
        assertThat(PostgresCause.of(Samples.of(cause))).isEqualTo(cause);
        assertThat(cause.remedy()).doesNotEndWith(".").isNotBlank();
        assertThat(cause.happened()).doesNotEndWith(".").isNotBlank();
    }

    /** Whatever it is, and whatever else the server says: an SQLSTATE of which nothing is known has the last row. */
    @Test
    void everyErrorHasARow() {
        for (String state : new String[] {"99999", "F0000", "P0004", "abc", "", null}) {
            assertThat(PostgresCause.of(new SQLException("x", state))).isEqualTo(PostgresCause.UNKNOWN);
        }
        assertThat(PostgresCause.of(new SQLException())).isEqualTo(PostgresCause.UNKNOWN);
    }

    @Test
    void theWordsOfAServerInAnotherLanguageAreNotNeeded() {
        assertThat(PostgresCause.of(new SQLException("keine Berechtigung für Schema gate", "42501")))
                .isEqualTo(PostgresCause.PRIVILEGE);
        assertThat(PostgresCause.PRIVILEGE.remedy()).contains("USAGE on the schema", "CONNECT on the database");
        assertThat(PostgresCause.of(new SQLException("Anweisung wird abgebrochen", "57014")))
                .isEqualTo(PostgresCause.TIMED_OUT);
    }

    @Test
    void theErrorThatAPoolWrapsIsWhatCounts() {
        SQLException refused = new SQLException("unsupported startup parameter: options", "08P01");
        assertThat(PostgresCause.of(new SQLTransientConnectionException("pool - timed out", "08P01", refused)))
                .isEqualTo(PostgresCause.STARTUP_PARAMETER);
    }

    private static String line(PostgresCause cause) {
        String states = cause.states().stream()
                .map(state -> switch (state.length()) {
                    case 0 -> "none";
                    case 1 -> "any other";
                    case 2 -> state + "…";
                    default -> state;
                })
                .collect(Collectors.joining(", "));
        String opening = switch (cause.opening()) {
            case MISCONFIGURED -> "`Misconfigured`";
            case UNAVAILABLE -> "`Unavailable`";
        };
        String later = switch (cause.kind()) {
            case ABORTED, NO_ROOM -> "retried; `Unavailable`, did not happen";
            case UNCERTAIN -> "retried; `Unavailable`, unknown";
            case REFUSED -> "`Refused`";
            case MISCONFIGURED -> "`Misconfigured`";
            case DAMAGED -> "`Corrupt`";
        };
        return "| " + states + " | " + cause.happened().replaceAll("\"[^\"]*\"", "…") + " | " + opening + " | " + later
                + " | " + cause.remedy() + " |";
    }

    @Test
    void thePageForUsersShowsTheTable() throws IOException {
        List<String> expected =
                Stream.of(PostgresCause.values()).map(PostgresCauseTest::line).toList();
        List<String> found = Files.readAllLines(PAGE).stream()
                .filter(line -> line.startsWith("| ") && !line.startsWith("| SQLSTATE"))
                .toList();
        assertThat(found)
                .as("the table in %s; it should be%n%s", PAGE, String.join("\n", expected))
                .isEqualTo(expected);
    }
}
