package io.toolgate;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import org.junit.jupiter.api.Test;

class FailureTest {

    @Test
    void keepsOnlyTextThatEveryDatabaseAccepts() {
        Failure failure = Failure.rejected("declined", "a\0b\uD83Dc😀");
        assertThat(failure.message()).isEqualTo("a\uFFFDb\uFFFDc😀");
    }

    @Test
    void cutsLongMessagesBetweenCharacters() {
        assertThat(Failure.unknown("c", "😀".repeat(2_000)).message())
                .hasSizeLessThanOrEqualTo(1_000)
                .endsWith("😀…");
        assertThat(Failure.unknown("c", "x".repeat(999)).message()).hasSize(999).doesNotEndWith("…");
    }

    @Test
    void namesTheExceptionItWasMadeFrom() {
        IOException cause = new IOException("connection reset");
        assertThat(Failure.unknown(cause).code()).isEqualTo(Failure.Codes.UNCLASSIFIED);
        assertThat(Failure.unknown(cause).message()).isEqualTo("java.io.IOException: connection reset");
        assertThat(Failure.unknown(cause).cause()).containsSame(cause);
        assertThat(Failure.notExecuted(new IOException()).message()).isEqualTo("java.io.IOException");
        assertThat(Failure.notExecuted(cause).kind()).isEqualTo(Failure.Kind.NOT_EXECUTED);
    }

    @Test
    void refusesCodesThatCannotBeStored() {
        assertThatThrownBy(() -> Failure.rejected(" ", "m")).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> Failure.rejected("c".repeat(101), "m"))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("101 bytes");
        assertThatThrownBy(() -> Failure.unknown((Throwable) null)).isInstanceOf(NullPointerException.class);
    }

    @Test
    void comparesWithoutTheCause() {
        assertThat(Failure.unknown(new IOException("x"))).isEqualTo(Failure.unknown(new IOException("x")));
        assertThat(Failure.rejected("a", "x")).isNotEqualTo(Failure.unknown("a", "x"));
        assertThat(Failure.rejected("a", null)).isEqualTo(Failure.rejected("a", ""));
    }
}
