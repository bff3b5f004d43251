package io.toolgate;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.text.Normalizer;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

class IdempotencyKeyTest {

    static Stream<Arguments> refused() {
        return Stream.of(
                Arguments.of(null, "is null"),
                Arguments.of("", "is empty"),
                Arguments.of("a\0b", "NUL character at index 1"),
                Arguments.of("ab\uD83D", "unpaired surrogate (U+D83D) at index 2"),
                Arguments.of("\uDE00x", "unpaired surrogate (U+DE00) at index 0"),
                Arguments.of("x".repeat(256), "256 bytes of UTF-8; at most 255"),
                Arguments.of("ä".repeat(128), "256 bytes of UTF-8; at most 255"),
                Arguments.of("x".repeat(1_000_000), "at least 1000000 bytes"));
    }

    @ParameterizedTest
    @MethodSource("refused")
    void errorsNameTheProblemAndItsPosition(String text, String problem) {
        assertThatThrownBy(() -> IdempotencyKey.of(text))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("idempotency key")
                .hasMessageContaining(problem);
        assertThatThrownBy(() -> IdempotencyKey.of(text, "k"))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("tenant")
                .hasMessageContaining(problem);
    }

    @Test
    void takesUpTo255BytesAndKeepsThemAsTheyAre() {
        String longest = "😀".repeat(63) + "abc";
        assertThat(IdempotencyKey.of(longest).value()).isEqualTo(longest);
        assertThat(IdempotencyKey.of("  ").value()).isEqualTo("  ");
    }

    @Test
    void neverNormalises() {
        String composed = "é";
        String decomposed = Normalizer.normalize(composed, Normalizer.Form.NFD);
        assertThat(IdempotencyKey.of(composed)).isNotEqualTo(IdempotencyKey.of(decomposed));
        assertThat(IdempotencyKey.of(composed).in("a"))
                .isNotEqualTo(IdempotencyKey.of(decomposed).in("a"));
    }

    @Test
    void namesTheDefaultTenant() {
        assertThat(IdempotencyKey.of("k")).isEqualTo(IdempotencyKey.of("default", "k"));
    }

    @Test
    void keepsTheKeyOutOfItsText() {
        assertThat(IdempotencyKey.of("t", "secret-order").toString())
                .contains("t")
                .doesNotContain("secret");
        assertThat(IdempotencyKey.of("t", "secret-order").in("charge").toString())
                .contains("charge")
                .doesNotContain("secret");
    }
}
