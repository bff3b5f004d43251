package io.toolgate.internal;

import io.toolgate.ToolGateListener;
import io.toolgate.internal.replay.ReplaySettings;
import java.time.Duration;
import java.util.concurrent.Executor;
import org.jspecify.annotations.Nullable;

/** The settings of a gate, validated by its builder. */
public record GateSettings(
        Duration maxWait,
        int maxWaiters,
        int maxWaitersPerKey,
        Duration drainTimeout,
        Duration countsEvery,
        @Nullable ToolGateListener listener,
        @Nullable Executor executor,
        String owner,
        @Nullable ReplaySettings replayCache) {}
