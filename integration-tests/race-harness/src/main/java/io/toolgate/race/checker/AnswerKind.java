package io.toolgate.race.checker;

import io.toolgate.race.history.Event.Answer;
import io.toolgate.race.history.Event.Answered;
import org.jspecify.annotations.Nullable;

/**
 * Kind of a key's answer: the properties by which the checks tell two answers apart.
 *
 * @param error the name of the exception's class, for {@link Answer#ERROR}
 */
record AnswerKind(
        Answer answer,
        @Nullable String origin,
        @Nullable String sha256,
        @Nullable String receipt,
        long amount,
        @Nullable String error) {
    private static final String NOT_EXECUTED = "io.toolgate.ToolGateException$NotExecuted";

    static AnswerKind of(Answered answered) {
        return new AnswerKind(
                answered.answer(),
                answered.origin(),
                answered.sha256(),
                answered.receipt(),
                answered.amount(),
                answered.answer() == Answer.ERROR ? className(answered.detail()) : null);
    }

    private static String className(@Nullable String thrown) {
        if (thrown == null) {
            return "";
        }
        int end = thrown.indexOf(':');
        return end < 0 ? thrown : thrown.substring(0, end);
    }

    boolean isReplay() {
        return "REPLAYED".equals(origin);
    }

    boolean isExecuted() {
        return answer == Answer.COMPLETED && "EXECUTED".equals(origin);
    }

    boolean isRecovered() {
        return answer == Answer.COMPLETED && "RECOVERED".equals(origin);
    }

    /** Whether the call threw the exception that says that it had no effect. */
    boolean isNotExecuted() {
        return NOT_EXECUTED.equals(error);
    }

    /** Whether the call itself completed the key. */
    boolean isOwn() {
        return "EXECUTED".equals(origin) || "RECOVERED".equals(origin);
    }
}
