package io.toolgate.race.checker;

import io.toolgate.race.history.Event.Answer;
import java.util.EnumMap;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.LongStream;

/** Counters over all keys, filled while the histories are read. The calls of the sweeping process do not count. */
final class Counts {
    /** The number of the process that sweeps at the end. */
    static final int SWEEPER = 0;

    private final Map<Answer, Long> answers = new EnumMap<>(Answer.class);
    private final Map<Integer, Long> executedByProcess = new TreeMap<>();
    private final Longs executing = new Longs();
    private final Longs replaying = new Longs();
    private final Longs lags = new Longs();
    private final Longs replayedKeys = new Longs();
    private final Longs replaysSent = new Longs();
    private final Longs replaysAnswered = new Longs();
    private long calls;
    private long unanswered;
    private long recovered;
    private long takeovers;
    private long staleRefused;
    private long lateResults;

    void called(int process) {
        calls += process == SWEEPER ? 0 : 1;
    }

    void unanswered(int process) {
        unanswered += process == SWEEPER ? 0 : 1;
    }

    void answered(int process, AnswerKind kind, int key, long sent, long answered) {
        if (process == SWEEPER) {
            return;
        }
        answers.merge(kind.answer(), 1L, Long::sum);
        if (kind.isExecuted()) {
            executing.add(answered - sent);
            executedByProcess.merge(process, 1L, Long::sum);
        } else if (kind.isRecovered()) {
            recovered++;
        } else if (kind.answer() == Answer.COMPLETED && kind.isReplay()) {
            replaying.add(answered - sent);
            replayedKeys.add(key);
            replaysSent.add(sent);
            replaysAnswered.add(answered);
        }
    }

    void tookOver() {
        takeovers++;
    }

    void refusedStale() {
        staleRefused++;
    }

    void lateResult() {
        lateResults++;
    }

    /**
     * Computes the delay between a result and its replays.
     *
     * @param storedAt when the result of each key, by its number, was stored; {@link Long#MAX_VALUE} if no process
     *     survived to record it
     */
    void lagBehind(long[] storedAt) {
        for (int i = 0; i < replayedKeys.size(); i++) {
            long stored = storedAt[(int) replayedKeys.get(i)];
            if (stored != Long.MAX_VALUE) {
                long from = Math.max(stored, replaysSent.get(i));
                lags.add(Math.max(0, replaysAnswered.get(i) - from));
            }
        }
    }

    long calls() {
        return calls;
    }

    long unanswered() {
        return unanswered;
    }

    Map<Answer, Long> answers() {
        return answers;
    }

    long executed() {
        return executing.size();
    }

    long replayed() {
        return replaying.size();
    }

    long recovered() {
        return recovered;
    }

    long takeovers() {
        return takeovers;
    }

    long staleRefused() {
        return staleRefused;
    }

    long lateResults() {
        return lateResults;
    }

    Map<Integer, Long> executedByProcess() {
        return executedByProcess;
    }

    Figures figures() {
        return new Figures(sample(executing), sample(replaying), sample(lags));
    }

    private static Latencies sample(Longs nanos) {
        try (LongStream stream = nanos.stream()) {
            return Latencies.ofNanos(stream);
        }
    }
}
