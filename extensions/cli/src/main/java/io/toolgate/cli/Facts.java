package io.toolgate.cli;

import io.toolgate.store.ClaimMachine;
import io.toolgate.store.Payload;
import java.time.Instant;
import java.util.UUID;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** What rows say, in words. Results are told by their size and codec only. */
final class Facts {
    private static final Pattern PROBE_NOTE = Pattern.compile("([a-z-]+) ([0-9]+)");

    private Facts() {}

    /** The result in the row of a completed record. */
    static String result(Row row) {
        String codec = row.textOrNull("result_codec");
        if (codec == null) {
            return "done, and its result is unavailable: "
                    + Texts.failure(row.textOrNull("failure_code"), row.textOrNull("failure_message"));
        }
        Long bytes = row.numberOrNull("result_bytes");
        return bytes == null
                ? "the null result (" + codec + ")"
                : "a result of " + Texts.bytes(bytes) + " (" + codec + ")";
    }

    /** The result that somebody gives. */
    static String result(Payload payload) {
        return payload.isNull()
                ? "the null result (" + payload.codec() + ")"
                : "a result of " + Texts.bytes(payload.size()) + " (" + payload.codec() + ")";
    }

    /** Whether the row of a record is one that was retired. */
    static boolean isRetired(Row record) {
        return record.text("status").equals("RETRYABLE")
                && ClaimMachine.RETIRED.equals(record.textOrNull("failure_code"));
    }

    /** Whether the row of a record is in progress under a lease that has ended. */
    static boolean isExpired(Row record, Instant now) {
        return record.text("status").equals("IN_PROGRESS") && !now.isBefore(record.time("lease_until"));
    }

    /** How the other commands are told of a record. */
    static String option(UUID id) {
        return "--id " + id;
    }

    /** The runtime's note of an answer, such as {@code not-happened 3}, for people: the number is how often reconcilers asked. */
    private static String said(String note) {
        Matcher parts = PROBE_NOTE.matcher(note);
        if (!parts.matches()) {
            return note;
        }
        String answer = parts.group(1).replace('-', ' ');
        return switch (parts.group(2)) {
            case "0" -> answer;
            case "1" -> answer + " (reconcilers have asked once)";
            default -> answer + " (reconcilers have asked " + parts.group(2) + " times)";
        };
    }

    /** What a checkpoint is called, for people. */
    static String mark(String name, @Nullable String answer, boolean kept) {
        if (name.equals("toolgate:probe")) {
            return answer != null
                    ? "the probe said: " + Texts.oneLine(said(answer))
                    : "the probe was asked" + (kept ? "" : "; a later answer took the place of this one");
        }
        return name.startsWith("step:")
                ? "step " + name.substring("step:".length()) + " was finished"
                : "checkpoint " + name + " was left";
    }
}
