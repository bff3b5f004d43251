package io.toolgate.cli.explain;

import io.toolgate.Failure;
import io.toolgate.cli.output.Texts;
import io.toolgate.cli.query.Row;
import io.toolgate.cli.query.StoreView;
import io.toolgate.store.Checkpoint;
import io.toolgate.store.Payload;
import io.toolgate.support.Messages;
import java.util.UUID;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** Phrases that describe a record's columns. A result is described by its size and codec, never shown. */
public final class RecordPhrases {
    /** The event by which a record in progress under an expired lease came into doubt. */
    static final String MARKED_IN_DOUBT = "a caller found the expired lease and marked the record in doubt";

    /** The verdict of an operator who gave a completed record the result that it lacked. */
    static final String SUPPLIED_RESULT = "supplied its result";

    private static final Pattern PROBE_ANSWER = Pattern.compile("([a-z-]+) ([0-9]+)");
    private static final String STEP = "step:";

    private RecordPhrases() {}

    /** The result in the row of a completed record. */
    public static String result(Row row) {
        String codec = row.textOrNull("result_codec");
        if (codec == null) {
            return "result unavailable: " + failure(row);
        }
        Long bytes = row.numberOrNull("result_bytes");
        return bytes == null ? nullResult(codec) : result(bytes, codec);
    }

    /** A result that an operator gives. */
    public static String result(Payload payload) {
        return payload.isNull() ? nullResult(payload.codec()) : result(payload.size(), payload.codec());
    }

    private static String nullResult(String codec) {
        return "a null result (" + codec + ")";
    }

    private static String result(long bytes, String codec) {
        return "a result of " + Texts.bytes(bytes) + " (" + codec + ")";
    }

    /** The failure in a row. */
    public static String failure(Row row) {
        return Texts.failure(row.textOrNull("failure_code"), row.textOrNull("failure_message"));
    }

    /** The option that names a record to the other commands. */
    public static String option(UUID id) {
        return "--id " + id;
    }

    /** Whether the row, of a record now or before a decision, is completed and its result unavailable. */
    static boolean lacksResult(Row row) {
        return row.text("status").equals("COMPLETED") && row.textOrNull("failure_code") != null;
    }

    static boolean isVanishedOwner(Row row) {
        return Failure.Codes.OWNER_VANISHED.equals(row.textOrNull("failure_code"));
    }

    static boolean isRetired(Row row) {
        return Failure.Codes.RETIRED.equals(row.textOrNull("failure_code"));
    }

    static boolean isQuarantined(Row row) {
        return Failure.Codes.QUARANTINED.equals(row.textOrNull("failure_code"));
    }

    /** The end of a lease whose owner vanished. */
    static String leaseEnded(String owner) {
        return "the lease of " + owner + " ended without a result";
    }

    /** An operator's decision; {@code verdict} completes the sentence. */
    static String decision(String operator, String verdict, String reason) {
        return operator + " " + verdict + ". Reason: " + Messages.oneLine(reason);
    }

    /**
     * A checkpoint.
     *
     * @param answer the probe's answer, if it is known
     * @param current whether the store still has the value of this checkpoint
     */
    static String checkpoint(String name, @Nullable String answer, boolean current) {
        if (name.equals(StoreView.PROBE)) {
            return answer != null
                    ? "the probe answered: " + Messages.oneLine(answered(answer))
                    : "the probe was called" + (current ? "" : "; a later answer replaced this one");
        }
        if (name.equals(Checkpoint.INPUT)) {
            return "its input was stored with the claim";
        }
        return name.startsWith(STEP)
                ? "step " + name.substring(STEP.length()) + " was completed"
                : "checkpoint " + name + " was written";
    }

    /** An answer with how often reconcilers had called the probe by then. */
    private static String answered(String answer) {
        Matcher parts = PROBE_ANSWER.matcher(answer);
        if (!parts.matches()) {
            return answer;
        }
        String plain = parts.group(1).replace('-', ' ');
        return switch (parts.group(2)) {
            case "0" -> plain;
            case "1" -> plain + " (1 call by reconcilers)";
            default -> plain + " (" + parts.group(2) + " calls by reconcilers)";
        };
    }
}
