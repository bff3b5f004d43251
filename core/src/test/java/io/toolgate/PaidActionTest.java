package io.toolgate;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.toolgate.store.contract.Rule;
import java.time.Duration;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.NullSource;
import org.junit.jupiter.params.provider.ValueSource;

class PaidActionTest {
    private static PaidAction.Builder<String, String> action() {
        return PaidAction.<String, String>named("charge")
                .run((input, attempt) -> input)
                .codec(ResultCodec.text())
                .fingerprint(Fingerprint.text());
    }

    private static Arguments refused(UnaryOperator<PaidAction.Builder<String, String>> settings, String... words) {
        return Arguments.of(settings, words);
    }

    static Stream<Arguments> refusals() {
        return Stream.of(
                refused(b -> b.lease(Duration.ZERO), "lease", "PT0S", "at least 1 ms"),
                refused(b -> b.lease(Duration.ofSeconds(-1)), "lease", "PT-1S"),
                refused(b -> b.lease(Duration.ofDays(99_999)), "lease", "at most"),
                refused(b -> b.retention(Duration.ZERO), "retention", "PT0S"),
                refused(b -> b.heartbeat(Duration.ofNanos(1)), "heartbeat", "PT0.000000001S"),
                refused(
                        b -> b.lease(Duration.ofSeconds(30)).heartbeat(Duration.ofSeconds(11)),
                        "heartbeat PT11S",
                        "a third of the lease PT30S"),
                refused(b -> b.maxAttempts(0), "maxAttempts is 0", "at least 1"),
                refused(b -> b.maxResultBytes(-1), "maxResultBytes is -1"),
                refused(
                        b -> b.lease(Duration.ofSeconds(30)).maxRunTime(Duration.ofSeconds(29)),
                        "maxRunTime PT29S is shorter than the lease PT30S"),
                refused(
                        b -> b.retention(Duration.ofMinutes(1)).maxRunTime(Duration.ofMinutes(2)),
                        "maxRunTime PT2M is longer than the retention PT1M",
                        "raise the retention or shorten maxRunTime"));
    }

    @ParameterizedTest
    @MethodSource("refusals")
    void refusesSettingsThatCannotWork(UnaryOperator<PaidAction.Builder<String, String>> settings, String[] words) {
        assertThatThrownBy(() -> settings.apply(action()).build())
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContainingAll(words);
    }

    @Test
    @Rule(13)
    void retentionShorterThanTheLeaseIsRefused() {
        assertThatThrownBy(() -> action().lease(Duration.ofSeconds(30))
                        .retention(Duration.ofSeconds(29))
                        .build())
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("retention PT29S is shorter than the lease PT30S")
                .hasMessageContaining("raise the retention or shorten the lease");
    }

    @ParameterizedTest
    @NullSource
    @ValueSource(strings = {"", " ", "\t\n", "a\0", "\uD800"})
    void refusesInvalidNames(String name) {
        assertThatThrownBy(() -> PaidAction.named(name))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("action name");
    }

    @Test
    void refusesNamesOverTheLimit() {
        assertThat(PaidAction.<String, String>named("n".repeat(255))).isNotNull();
        assertThatThrownBy(() -> PaidAction.named("n".repeat(256)))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("action name is at least 256 bytes");
    }

    @Test
    void errorsNameTheMissingPartAndItsRemedy() {
        assertThatThrownBy(() -> PaidAction.named("charge").build())
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("action charge has no run")
                .hasMessageContaining(".run(");
        assertThatThrownBy(() -> PaidAction.<String, String>named("charge")
                        .run((input, attempt) -> input)
                        .build())
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("has no codec")
                .hasMessageContaining("JsonCodec");
    }

    static Stream<Arguments> nulls() {
        return Stream.of(
                refused(b -> b.run(null), "run is null"),
                refused(b -> b.codec(null), "codec is null"),
                refused(b -> b.fingerprint(null), "fingerprint is null"),
                refused(b -> b.recovery(null), "recovery is null"),
                refused(b -> b.classify(null), "classifier is null"),
                refused(b -> b.lease(null), "lease is null"),
                refused(b -> b.heartbeat(null), "heartbeat is null"),
                refused(b -> b.retention(null), "retention is null"),
                refused(b -> b.maxRunTime(null), "maxRunTime is null"));
    }

    @ParameterizedTest
    @MethodSource("nulls")
    void errorsNameTheArgumentThatIsNull(UnaryOperator<PaidAction.Builder<String, String>> settings, String[] words) {
        assertThatThrownBy(() -> settings.apply(action()))
                .isInstanceOf(NullPointerException.class)
                .hasMessageContainingAll(words);
    }

    @Test
    void hasTheDocumentedDefaults() {
        PaidAction<String, String> action = action().build();
        assertThat(action.lease()).isEqualTo(Duration.ofSeconds(30));
        assertThat(action.heartbeat()).isEqualTo(Duration.ofSeconds(10));
        assertThat(action.retention()).isEqualTo(Duration.ofDays(7));
        assertThat(action.maxRunTime()).isEqualTo(Duration.ofHours(1));
        assertThat(action.maxAttempts()).isEqualTo(5);
        assertThat(action.maxResultBytes()).isEqualTo(1 << 20);
        assertThat(action.recovery()).isEqualTo(Recovery.hold());
    }

    @Test
    void theDefaultRunTimeFitsTheRetentionAndTheLease() {
        assertThat(action().retention(Duration.ofMinutes(5)).build().maxRunTime())
                .isEqualTo(Duration.ofMinutes(5).dividedBy(2));
        assertThat(action().lease(Duration.ofHours(2))
                        .retention(Duration.ofDays(1))
                        .build()
                        .maxRunTime())
                .isEqualTo(Duration.ofHours(2));
    }
}
