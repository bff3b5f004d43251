package io.toolgate.race.report;

import io.toolgate.race.history.Event;
import io.toolgate.race.history.Event.CompletionResult;
import io.toolgate.race.report.KeyTimeline.Attempt;
import io.toolgate.race.report.KeyTimeline.Moment;
import java.util.ArrayList;
import java.util.List;

/** An attempt whose events are still being read. */
final class AttemptDraft {
    private final int life;
    private final Event.Claimed claimed;
    private final List<Moment> heartbeats = new ArrayList<>();
    private final long leaseNanos;
    private long leaseTo;
    private long lostAt = Long.MAX_VALUE;
    private long endSentAt = Long.MAX_VALUE;
    private long endedAt = Long.MIN_VALUE;
    private boolean stored;

    AttemptDraft(int life, Event.Claimed claimed, long leaseNanos) {
        this.life = life;
        this.claimed = claimed;
        this.leaseNanos = leaseNanos;
        this.leaseTo = claimed.sentNanos() + leaseNanos;
    }

    void renewed(Event.Renewed renewed) {
        if (renewed.owned()) {
            leaseTo = Math.max(leaseTo, renewed.sentNanos() + leaseNanos);
            heartbeats.add(new Moment(renewed.nanos(), renewed.db()));
        } else {
            lostAt = Math.min(lostAt, renewed.nanos());
        }
    }

    void completionSent(Event.CompletionSent sent) {
        endSentAt = Math.min(endSentAt, sent.nanos());
    }

    void ended(Event.CompletionAnswered ended) {
        endedAt = Math.max(endedAt, ended.nanos());
        stored |= ended.result() == CompletionResult.APPLIED || ended.result() == CompletionResult.ALREADY_APPLIED;
    }

    /** Whether the events read so far stored its completion. */
    boolean isStored() {
        return stored;
    }

    /**
     * The attempt, once all events are read.
     *
     * @param lifeTo when its process was killed, or a time after all events
     */
    Attempt finish(long lifeTo) {
        long over;
        if (endedAt != Long.MIN_VALUE) {
            over = endedAt;
        } else if (endSentAt != Long.MAX_VALUE && lifeTo == Long.MAX_VALUE) {
            over = endSentAt;
        } else if (lifeTo != Long.MAX_VALUE) {
            over = Math.min(lifeTo, lostAt);
        } else {
            over = Math.min(leaseTo, lostAt);
        }
        long to = Math.max(claimed.nanos(), Math.min(over, lifeTo));
        long ownedTo = Math.max(claimed.nanos(), Math.min(to, leaseTo));
        return new Attempt(
                life,
                claimed.fence(),
                new Moment(claimed.nanos(), claimed.db()),
                claimed.sentNanos(),
                to,
                ownedTo,
                stored || lostAt != Long.MAX_VALUE ? ownedTo : Math.max(ownedTo, leaseTo),
                List.copyOf(heartbeats),
                claimed.previousFence(),
                claimed.tookOver());
    }
}
