package io.toolgate.support;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.UUID;
import org.junit.jupiter.api.Test;

/** The shape of the JSON that programs print. */
class JsonTest {
    @Test
    void anObjectIsOneLineInTheOrderOfItsMembers() {
        Map<String, Object> object = new LinkedHashMap<>();
        object.put("text", "ü \"quoted\"\n");
        object.put("number", 12L);
        object.put("share", 0.95);
        object.put("yes", true);
        object.put("time", Instant.parse("2026-01-31T12:00:00.5Z"));
        object.put("id", new UUID(0, 1));
        object.put("kind", Thread.State.NEW);
        object.put("none", null);
        object.put("list", List.of(Map.of(), List.of()));
        assertThat(Json.line(object))
                .isEqualTo("{\"text\":\"ü \\\"quoted\\\"\\n\",\"number\":12,\"share\":0.95,\"yes\":true,"
                        + "\"time\":\"2026-01-31T12:00:00.500Z\",\"id\":\"00000000-0000-0000-0000-000000000001\","
                        + "\"kind\":\"NEW\",\"none\":null,\"list\":[{},[]]}");
    }

    @Test
    void charactersThatControlATerminalAreEscaped() {
        String text = "\u0007\u001b\u007f\u0085\u009b\u2028\u2029\ud83d\ude00\ud800";
        assertThat(Json.line(Map.of("t", text)).toLowerCase(Locale.ROOT))
                .isEqualTo("{\"t\":\"\\u0007\\u001b\\u007f\\u0085\\u009b\\u2028\\u2029\\ud83d\\ude00\\ud800\"}");
    }
}
