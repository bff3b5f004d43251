package io.toolgate.race.checker;

import io.toolgate.race.history.Event.Claimed;

/**
 * One acquired claim and what became of it. Its owner may believe in it from when the claim was answered until it sends its
 * end, or until the lease is over that it last knew to be its own, counted from before that was asked for.
 */
final class Tenure {
    private final Claimed claim;
    private final Place place;
    private final long leaseNanos;
    private long leaseUntil;
    private long renewalSent = Long.MIN_VALUE;
    private long ensuredSent = Long.MIN_VALUE;
    private long endSent = Long.MAX_VALUE;
    private long endApplied = Long.MAX_VALUE;
    private boolean refused;
    private long lastBeat;
    private boolean starved;

    Tenure(Claimed claim, Place place, long leaseNanos) {
        this.claim = claim;
        this.place = place;
        this.leaseNanos = leaseNanos;
        this.leaseUntil = claim.sentNanos() + leaseNanos;
        this.lastBeat = claim.sentNanos();
    }

    /** A heartbeat was answered, whatever with. Only what came late, or took long, says something about the machine. */
    void beat(long sentNanos, long answeredNanos) {
        starved |= answeredNanos - sentNanos >= leaseNanos / 2 || sentNanos - lastBeat >= leaseNanos * 2 / 3;
        lastBeat = Math.max(lastBeat, sentNanos);
    }

    /** Whether the machine or the database was too slow to keep a lease this short: a heartbeat came late, or took half of it. */
    boolean wasStarved() {
        return starved;
    }

    void renewed(long sentNanos) {
        renewalSent = Math.max(renewalSent, sentNanos);
        leaseUntil = Math.max(leaseUntil, sentNanos + leaseNanos);
    }

    void ensured(long sentNanos) {
        ensuredSent = Math.max(ensuredSent, sentNanos);
        leaseUntil = Math.max(leaseUntil, sentNanos + leaseNanos);
    }

    void ending(long nanos) {
        endSent = Math.min(endSent, nanos);
    }

    void ended(long nanos) {
        endApplied = Math.min(endApplied, nanos);
    }

    /** An end that tells what came of the run was refused. */
    void refused() {
        refused = true;
    }

    boolean wasRefused() {
        return refused;
    }

    Place place() {
        return place;
    }

    String token() {
        return claim.token();
    }

    long fence() {
        return claim.fence();
    }

    long version() {
        return claim.version();
    }

    long sent() {
        return claim.sentNanos();
    }

    long answered() {
        return claim.nanos();
    }

    boolean tookOver() {
        return claim.tookOver();
    }

    /** When the latest heartbeat was sent that was told "owned"; {@link Long#MIN_VALUE} if none was. */
    long renewalSent() {
        return Math.max(renewalSent, ensuredSent);
    }

    /** When the action last asked whether it still owns the key and was told that it does, as {@link #renewalSent}. */
    long ensuredSent() {
        return ensuredSent;
    }

    /** When the last lease is over that the owner knows of. */
    long leaseUntil() {
        return leaseUntil;
    }

    /** When the end of the run was first sent; {@link Long#MAX_VALUE} if it was not. */
    long endSent() {
        return endSent;
    }

    /** When the end was known to be stored, as {@link #endSent}. */
    long endApplied() {
        return endApplied;
    }

    @Override
    public String toString() {
        return "attempt " + fence() + " (" + place + ")";
    }
}
