package io.toolgate.internal.call;

import io.toolgate.ToolGateException;
import io.toolgate.internal.base.CallKey;
import io.toolgate.internal.base.GateThreads;
import io.toolgate.internal.base.KeyEvent;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * What came of a key while calls that had been told to come back were on their way: a run that they waited for was released,
 * or its owner died, and now all of them want to claim.
 *
 * <p>Race: the first of a thousand leads and is done before the second arrives. Without this each of them would claim anew,
 * only to be told the same. What is said here was settled after the call began, so it is as good as an answer of the store; a
 * call that began later never asks here.
 */
public final class Comebacks {
    /** Longer than the jitter that calls come back with. */
    private static final long KEPT_NANOS = TimeUnit.SECONDS.toNanos(2);

    private final GateThreads threads;
    private final ConcurrentHashMap<CallKey, Latest> latest = new ConcurrentHashMap<>();

    /** The final news of a key, once there is any. */
    private record Latest(@Nullable KeyEvent news, long settledNanos) {}

    Comebacks(GateThreads threads) {
        this.threads = threads;
    }

    /** What was settled since {@code call} began, or null: then it has to enter. */
    @Nullable
    KeyEvent meanwhile(ExecuteCall<?, ?> call) {
        if (!call.cameBack()) {
            return null;
        }
        Latest known = latest.get(call.key());
        if (known == null) {
            expect(call.key());
            return null;
        }
        return known.news() != null && known.settledNanos() - call.startedNanos() > 0 ? known.news() : null;
    }

    private void expect(CallKey key) {
        Latest none = new Latest(null, 0);
        if (latest.putIfAbsent(key, none) == null) {
            try {
                var unused = threads.after(KEPT_NANOS, () -> latest.remove(key));
            } catch (ToolGateException.Closed e) {
                // Nobody comes back any more.
                latest.remove(key);
            }
        }
    }

    /** A flight of {@code key} ended in {@code news}. */
    void settled(CallKey key, KeyEvent news) {
        boolean last = news instanceof KeyEvent.Done
                || news instanceof KeyEvent.Refused
                || (news instanceof KeyEvent.Doubtful doubt && doubt.asked());
        if (last && !latest.isEmpty()) {
            var unused = latest.computeIfPresent(key, (same, before) -> new Latest(news, System.nanoTime()));
        }
    }
}
