package io.toolgate.internal.attempt;

import io.toolgate.Outcome;
import io.toolgate.internal.base.KeyEvent;
import org.jspecify.annotations.Nullable;

/**
 * What leading came to.
 *
 * @param news for those who joined, and for the leader itself where it has no answer of its own
 * @param own the leader's answer, or null if it is to take the news like everybody else
 * @param recoverable whether this call's own run left its effect unknown, and the action says what to do about it
 */
public record Led<R extends @Nullable Object>(
        KeyEvent news, @Nullable Outcome<R> own, boolean recoverable) {
    Led(KeyEvent news, @Nullable Outcome<R> own) {
        this(news, own, false);
    }

    static <R extends @Nullable Object> Led<R> news(KeyEvent news) {
        return new Led<>(news, null);
    }
}
