package io.toolgate.store.contract;

import io.toolgate.store.ClaimRequest.OnUnknown;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;

/**
 * Table of the outcome that a claim must have, by the record that it finds and its request: every cell, written down
 * independently of {@link io.toolgate.store.ClaimMachine}.
 */
public final class ClaimTable {
    private ClaimTable() {}

    /** The record that a claim finds. "Old" means past the retention; every old lease has ended too. */
    public enum Found {
        ABSENT,
        LIVE,
        EXPIRED,
        EXPIRED_OLD,
        COMPLETED,
        COMPLETED_OLD,
        REJECTED,
        REJECTED_OLD,
        /** Released a moment ago. */
        PAUSED,
        /** Released, and its pause has ended. */
        RETRYABLE,
        RETRYABLE_OLD,
        IN_DOUBT,
        IN_DOUBT_OLD;

        /** Whether its retention is over. */
        public boolean old() {
            return name().endsWith("_OLD");
        }

        private boolean ended() {
            return name().startsWith("COMPLETED") || name().startsWith("REJECTED") || name().startsWith("RETRYABLE");
        }
    }

    /** The outcome of a claim. */
    public enum Expected {
        /** Acquired, attempt 1, nothing before it. */
        FRESH,
        /** Acquired again, nothing changed. */
        MINE,
        /** Acquired with fence 2, after one that is known to be over. */
        TAKEN,
        /** Acquired, attempt 2, after one that may have had its effect. */
        TAKEN_UNKNOWN,
        /** Free only after a pause; nothing changed. */
        PAUSED,
        /** Another owner's live lease; nothing changed. */
        BUSY,
        /** Finished; nothing changed. */
        FINISHED,
        /** Marked as in doubt now. */
        MARKED,
        /** In doubt before; nothing changed. */
        DOUBTFUL,
        /** Another input; nothing changed. */
        MISMATCHED
    }

    /** One cell. */
    public record Cell(
            Found found,
            boolean ownToken,
            boolean sameInput,
            OnUnknown onUnknown,
            boolean attemptsLeft,
            Expected expected) {
        @Override
        public String toString() {
            return "%s, %s token, %s input, %s, attempts %s -> %s"
                    .formatted(
                            found,
                            ownToken ? "own" : "other",
                            sameInput ? "same" : "other",
                            onUnknown,
                            attemptsLeft ? "left" : "used up",
                            expected);
        }
    }

    /** Every cell. */
    public static Stream<Cell> cells() {
        List<Cell> cells = new ArrayList<>();
        for (Found found : Found.values()) {
            for (boolean ownToken : new boolean[] {true, false}) {
                for (boolean sameInput : new boolean[] {true, false}) {
                    for (OnUnknown onUnknown : OnUnknown.values()) {
                        for (boolean left : new boolean[] {true, false}) {
                            boolean takes = onUnknown == OnUnknown.PROBE || (onUnknown == OnUnknown.RERUN && left);
                            cells.add(new Cell(
                                    found,
                                    ownToken,
                                    sameInput,
                                    onUnknown,
                                    left,
                                    expected(found, ownToken, sameInput, takes)));
                        }
                    }
                }
            }
        }
        return cells.stream();
    }

    private static Expected expected(Found found, boolean ownToken, boolean sameInput, boolean takes) {
        boolean inProgress = found == Found.LIVE || found == Found.EXPIRED || found == Found.EXPIRED_OLD;
        if (found == Found.ABSENT) {
            return Expected.FRESH;
        } else if (ownToken && inProgress) {
            return Expected.MINE;
        } else if (found.old() && found.ended()) {
            return Expected.TAKEN;
        } else if (!sameInput) {
            return Expected.MISMATCHED;
        }
        return switch (found) {
            case COMPLETED, REJECTED -> Expected.FINISHED;
            case PAUSED -> Expected.PAUSED;
            case RETRYABLE -> Expected.TAKEN;
            case LIVE -> Expected.BUSY;
            case EXPIRED, EXPIRED_OLD -> takes ? Expected.TAKEN_UNKNOWN : Expected.MARKED;
            default -> takes ? Expected.TAKEN_UNKNOWN : Expected.DOUBTFUL;
        };
    }
}
