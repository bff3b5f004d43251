package io.toolgate.race.report;

import io.toolgate.race.checker.Row;
import io.toolgate.race.history.Event.Answer;
import io.toolgate.race.provider.LedgerLine;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The history of one key by process and time: the data of its picture, without its layout. Times are of the machine's
 * monotonic clock, in nanoseconds.
 *
 * @param key its text
 * @param why it was chosen
 * @param from time of its first event
 * @param to time of its last event
 * @param lanes of the processes that touched it, by their places; the sweep is last
 * @param ledger the provider's entries for it, in order
 * @param row its row in the database, or null if there is none
 * @param acknowledged the results that callers got, with the number of callers of each
 */
record KeyTimeline(
        String key,
        String why,
        long from,
        long to,
        List<Lane> lanes,
        List<LedgerLine> ledger,
        @Nullable Row row,
        Map<Result, Long> acknowledged) {

    /** A result: its bytes, and the charge in it. */
    record Result(String sha256, String receipt) {}

    /** A time by both clocks; {@code db} is in microseconds since 1970, 0 if it is unknown. */
    record Moment(long nanos, long db) {}

    /**
     * The events of one process.
     *
     * @param process its place; 0 for the sweep, {@link #UNKNOWN} for charges whose sender is unknown
     */
    record Lane(
            int process,
            List<Life> lives,
            List<Attempt> attempts,
            List<Effect> effects,
            List<Mark> marks,
            List<Freeze> freezes,
            List<Wait> waits) {
        static final int UNKNOWN = -1;
    }

    /**
     * One process of those that follow each other in a place.
     *
     * @param to when it ended, or the end of the timeline
     * @param killed whether it was killed then
     * @param point the failpoint at which it was killed, if the kill was aimed at one
     */
    record Life(
            int number,
            long from,
            long to,
            boolean killed,
            @Nullable String point) {}

    /**
     * An attempt: the time in which one process owned the key.
     *
     * @param claimed when its claim was answered
     * @param sentNanos when its claim was sent
     * @param to when it ended: its completion was answered, it was killed, or it learned that the lease was lost
     * @param ownedTo until when it really owned the key
     * @param leaseTo until when the lease holds that it left behind; {@code ownedTo} if it released the key
     * @param heartbeats the times at which heartbeats that extended the lease were answered
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
            boolean tookOver) {

        /** The same attempt, its remaining lease cut at {@code nanos}, when another attempt got the key. */
        Attempt followedAt(long nanos) {
            return new Attempt(
                    life,
                    fence,
                    claimed,
                    sentNanos,
                    to,
                    ownedTo,
                    Math.max(ownedTo, Math.min(leaseTo, nanos)),
                    heartbeats,
                    previousFence,
                    tookOver);
        }
    }

    /**
     * A request to the provider.
     *
     * @param to when it was answered, or cut
     * @param ledger its entry in the ledger, or null if it never arrived
     * @param outcome in words
     */
    record Effect(
            long fence, Moment sent, long to, @Nullable LedgerLine ledger, String outcome) {}

    /**
     * An event without a duration.
     *
     * @param detail for the tooltip
     */
    record Mark(Kind kind, Moment at, String detail) {
        /** The kinds of events. */
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
            RECLOCKED("clock set wrong");

            final String words;

            Kind(String words) {
                this.words = words;
            }
        }
    }

    /** A time in which the process was frozen. */
    record Freeze(long from, long to, @Nullable String point) {}

    /**
     * A call of the gate.
     *
     * @param to when it was answered, or cut
     * @param answer null if a kill cut it
     * @param origin of its result, if it has one
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

        /** Its end, in a word. */
        String ending() {
            if (answer == null) {
                return "cut";
            }
            return Texts.of(answer == Answer.COMPLETED && origin != null ? origin : answer.name());
        }
    }
}
