package io.toolgate.internal;

import io.toolgate.Outcome;
import org.jspecify.annotations.Nullable;

/**
 * What leading came to.
 *
 * @param news for those who joined, and for the leader itself where it has no answer of its own
 * @param own the leader's answer, or null if it is to take the news like everybody else
 * @param recoverable whether this call's own run left its effect unknown, and the action says what to do about it
 */
record Led<R extends @Nullable Object>(
        Settlement news, @Nullable Outcome<R> own, boolean recoverable) {
    Led(Settlement news, @Nullable Outcome<R> own) {
        this(news, own, false);
    }

    static <R extends @Nullable Object> Led<R> news(Settlement news) {
        return new Led<>(news, null);
    }
}
