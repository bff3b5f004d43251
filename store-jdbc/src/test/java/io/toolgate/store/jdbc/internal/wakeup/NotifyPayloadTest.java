package io.toolgate.store.jdbc.internal.wakeup;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.UUID;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

class NotifyPayloadTest {
    private static List<UUID> ids(int count) {
        return Stream.generate(UUID::randomUUID).limit(count).toList();
    }

    @ParameterizedTest
    @EnumSource(NotifyPayload.Kind.class)
    void aPayloadIsReadAsItWasWritten(NotifyPayload.Kind kind) {
        for (long sender : new long[] {0, 1, -1, Long.MIN_VALUE, Long.MAX_VALUE}) {
            List<UUID> ids = ids(3);
            List<String> texts = NotifyPayload.texts(kind, sender, ids);
            assertThat(texts).hasSize(1);
            assertThat(NotifyPayload.read(texts.get(0))).contains(new NotifyPayload(kind, sender, ids));
        }
    }

    @Test
    void payloadsAreSplitToFitANotification() {
        List<UUID> ids = ids(2 * NotifyPayload.MOST_IDS + 1);
        List<String> texts = NotifyPayload.texts(NotifyPayload.Kind.WAITS, 7, ids);
        assertThat(texts).hasSize(3);
        assertThat(texts)
                .allSatisfy(text ->
                        assertThat(text.getBytes(StandardCharsets.UTF_8).length).isLessThan(8000));
        assertThat(texts.stream().flatMap(text -> NotifyPayload.read(text).orElseThrow().ids().stream()))
                .containsExactlyElementsOf(ids);
        assertThat(texts.get(0).length()).as("one more id would not fit").isGreaterThan(8000 - 22);
        assertThat(NotifyPayload.texts(NotifyPayload.Kind.WAITS, 7, List.of())).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "1",
                "hello",
                "1w0000000000000007",
                "2w0000000000000007AAAAAAAAAAAAAAAAAAAAAA",
                "1x0000000000000007AAAAAAAAAAAAAAAAAAAAAA",
                "1wnot-hexadecimal!AAAAAAAAAAAAAAAAAAAAAA",
                "1w0000000000000007AAAAAAAAAAAAAAAAAAAAA",
                "1w0000000000000007AAAAAAAAAAAAAAAAAAAAAA==AA",
                "1w0000000000000007äöü"
            })
    void foreignPayloadsAreIgnored(String text) {
        assertThat(NotifyPayload.read(text)).isEmpty();
    }
}
