package io.toolgate.race.report;

import io.toolgate.race.checker.Row;
import io.toolgate.race.history.Event.Answer;
import io.toolgate.race.provider.LedgerLine;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What happened to one key, by process and time: what a picture of it needs, and nothing about how it looks. Times are of the
 * machine's monotonic clock, in nanoseconds.
 *
 * @param key its text
 * @param why it is told
 * @param from the first thing that happened to it
 * @param to the last
 * @param lanes of the processes that had to do with it, by their places; the sweeping one is last
 * @param ledger what the provider did about it, in order
 * @param row what the database holds; null if it holds nothing
 * @param acknowledged the results that callers were given, and how many were given each
 */
record KeyStory(
        String key,
        String why,
        long from,
        long to,
        List<Lane> lanes,
        List<LedgerLine> ledger,
        @Nullable Row row,
        Map<Result, Long> acknowledged) {

    /** A result, by its bytes and the charge that it is about. */
    record Result(String sha256, String receipt) {}

    /** A time by both clocks; {@code db} is microseconds since 1970, 0 if it is not known. */
    record Moment(long nanos, long db) {}

    /**
     * What one process had to do with the key.
     *
     * @param process its place; 0 for the one that swept, {@link #NOBODY} for charges whose sender is not known
     */
    record Lane(
            int process,
            List<Life> lives,
            List<Attempt> attempts,
            List<Effect> effects,
            List<Mark> marks,
            List<Freeze> freezes,
            List<Wait> waits) {
        static final int NOBODY = -1;
    }

    /**
     * A process in its place.
     *
     * @param to when it ended, or the end of the story
     * @param killed whether it was killed then
     * @param point the failpoint that it was killed at, if it was aimed at
     */
    record Life(
            int number,
            long from,
            long to,
            boolean killed,
            @Nullable String point) {}

    /**
     * An owner's time.
     *
     * @param claimed when it was told that the key is its own
     * @param sentNanos when it had asked
     * @param to when it was over: its end was answered, it was killed, or it was told that the lease is lost
     * @param ownedTo until when it was right to believe that it owns the key
     * @param leaseTo until when the lease holds that it left behind; {@code ownedTo} if it gave the key back
     * @param heartbeats that extended the lease, when they were answered
     * @param previousFence of the attempt before; 0 if there was none
     * @param tookOver whether the attempt before may have had its effect
     */
    record Attempt(
            int life,
            long fence,
            Moment claimed,
            long sentNanos,
            long to,
            long ownedTo,
            long leaseTo,
            List<Moment> heartbeats,
            long previousFence,
            boolean tookOver) {}

    /**
     * A request to the provider.
     *
     * @param to when it was answered, or cut
     * @param ledger what the ledger says of it; null if it never got there
     * @param outcome in words
     */
    record Effect(
            long fence, Moment sent, long to, @Nullable LedgerLine ledger, String outcome) {}

    /**
     * Something that happened in a moment.
     *
     * @param detail in words, for whoever wants to know more
     */
    record Mark(Kind kind, Moment at, String detail) {
        /** What can happen in a moment. */
        enum Kind {
            COMPLETED("completed"),
            REJECTED("declined for good"),
            RELEASED("released"),
            DOUBT("in doubt"),
            ALREADY("was stored already"),
            REFUSED("refused"),
            LOST("lease lost"),
            FAILED("no answer to the commit"),
            CUT("commit cut"),
            CLAIM_CUT("claim cut"),
            ENSURED("ownership checked"),
            PROBED("probe"),
            RECLOCKED("clock set off");

            final String words;

            Kind(String words) {
                this.words = words;
            }
        }
    }

    /** A time in which the process was stopped. */
    record Freeze(long from, long to, @Nullable String point) {}

    /**
     * A call of the gate.
     *
     * @param to when it was answered, or cut
     * @param answer null if a kill cut it
     * @param origin how it came by its result, if it has one
     */
    record Wait(
            Moment called,
            long to,
            @Nullable Answer answer,
            @Nullable String origin,
            String detail) {
        boolean replayed() {
            return "REPLAYED".equals(origin);
        }

        /** How it ended, in a word. */
        String ending() {
            if (answer == null) {
                return "cut";
            }
            return Words.of(answer == Answer.COMPLETED && origin != null ? origin : answer.name());
        }
    }
}
