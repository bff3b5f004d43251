package io.toolgate.bench.database;

import static org.assertj.core.api.Assertions.assertThat;

import io.toolgate.bench.database.FrontendMessages.Kind;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;

class FrontendMessagesTest {
    private final FrontendMessages messages = new FrontendMessages();

    private Kind kind(char type, String body) {
        return messages.kind((byte) type, body.getBytes(StandardCharsets.UTF_8));
    }

    @Test
    void anExecutionIsAStatementAndASyncIsARoundTrip() {
        assertThat(kind('P', "S_1\0SELECT 1\0\0\0")).isEqualTo(Kind.OTHER);
        assertThat(kind('B', "\0S_1\0\0\0")).isEqualTo(Kind.OTHER);
        assertThat(kind('E', "\0\0\0\0\0")).isEqualTo(Kind.STATEMENT);
        assertThat(kind('S', "")).isEqualTo(Kind.ROUND_TRIP);
        assertThat(kind('Q', "SELECT 1\0")).isEqualTo(Kind.STATEMENT_AND_ROUND_TRIP);
        assertThat(kind('X', "")).isEqualTo(Kind.OTHER);
    }

    @Test
    void anEmptyStatementIsThePoolsOwn() {
        assertThat(kind('Q', "\0")).isEqualTo(Kind.OTHER);
        assertThat(kind('P', "S_2\0\0\0\0")).isEqualTo(Kind.OTHER);
        for (int i = 0; i < 2; i++) {
            assertThat(kind('B', "\0S_2\0\0\0")).isEqualTo(Kind.OTHER);
            assertThat(kind('E', "\0\0\0\0\0")).isEqualTo(Kind.OTHER);
            assertThat(kind('S', "")).isEqualTo(Kind.OTHER);
        }
        assertThat(kind('P', "S_2\0SELECT 1\0\0\0")).isEqualTo(Kind.OTHER);
        assertThat(kind('E', "\0\0\0\0\0")).isEqualTo(Kind.STATEMENT);
        assertThat(kind('S', "")).isEqualTo(Kind.ROUND_TRIP);
    }
}
