package io.toolgate.race.checker;

import io.toolgate.race.history.Event.Claimed;

/**
 * One acquired claim, with its lease and its completion. Its owner may rely on it from the claim's answer until it
 * sends its completion or the last lease it knows of has ended, counted from before the request for that lease was
 * sent.
 */
final class Tenure {
    private final Claimed claim;
    private final Place place;
    private final long leaseNanos;
    private long leaseUntil;
    private long renewalSent = Long.MIN_VALUE;
    private long ensuredSent = Long.MIN_VALUE;
    private long completionSent = Long.MAX_VALUE;
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

    /**
     * Records an answered heartbeat, renewed or not: a late or slow one shows a machine that is too slow for the lease.
     */
    void beat(long sentNanos, long answeredNanos) {
        starved |= answeredNanos - sentNanos >= leaseNanos / 2 || sentNanos - lastBeat >= leaseNanos * 2 / 3;
        lastBeat = Math.max(lastBeat, sentNanos);
    }

    /**
     * Whether the machine or the database was too slow for this lease: a heartbeat was late, or took half of the lease.
     */
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
        completionSent = Math.min(completionSent, nanos);
    }

    void ended(long nanos) {
        endApplied = Math.min(endApplied, nanos);
    }

    /** Records that a completion with a known result was refused. */
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

    /** When the latest heartbeat that was answered "owned" was sent; {@link Long#MIN_VALUE} if there is none. */
    long renewalSent() {
        return Math.max(renewalSent, ensuredSent);
    }

    /** When the action's last successful ownership check was sent; {@link Long#MIN_VALUE} if there is none. */
    long ensuredSent() {
        return ensuredSent;
    }

    /** When the last lease that the owner knows of ends. */
    long leaseUntil() {
        return leaseUntil;
    }

    /** When the completion was first sent; {@link Long#MAX_VALUE} if it was not. */
    long completionSent() {
        return completionSent;
    }

    /** When the completion was known to be stored; {@link Long#MAX_VALUE} if it is not. */
    long endApplied() {
        return endApplied;
    }

    @Override
    public String toString() {
        return "attempt " + fence() + " (" + place + ")";
    }
}
