package io.toolgate.internal.attempt;

import io.toolgate.store.Checkpoint;
import java.nio.charset.StandardCharsets;
import java.util.Optional;

/**
 * What a probe said last, as the checkpoint {@code toolgate:probe} keeps it: a word, and how often the reconciler asked.
 *
 * @param answer {@code happened}, {@code not-happened} or {@code unknown}
 * @param asked how often the reconciler has asked about this record; callers that ask are not counted
 */
public record ProbeNote(String answer, int asked) {
    /** The checkpoint's name, after the runtime's prefix. */
    public static final String NAME = "probe";

    static final ProbeNote NONE = new ProbeNote("", 0);

    public static ProbeNote of(Optional<Checkpoint> mark) {
        if (mark.isEmpty() || mark.get().value().isNull()) {
            return NONE;
        }
        String text = new String(mark.get().value().bytes(), StandardCharsets.UTF_8);
        int space = text.indexOf(' ');
        try {
            return new ProbeNote(text.substring(0, Math.max(0, space)), Integer.parseInt(text.substring(space + 1)));
        } catch (NumberFormatException e) {
            // Written by another version, or by hand: then nothing is known of earlier probes.
            return NONE;
        }
    }

    String text() {
        return answer + " " + asked;
    }
}
