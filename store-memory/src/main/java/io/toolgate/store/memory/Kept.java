package io.toolgate.store.memory;

import io.toolgate.store.Checkpoint;
import io.toolgate.store.ClaimMachine;
import io.toolgate.store.IdempotencyRecord;
import io.toolgate.store.KeyHistory;
import io.toolgate.store.KeyHistory.Decision;
import io.toolgate.store.KeyHistory.Entry;
import java.time.Instant;
import java.util.List;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * What the store holds for one key: its record and what is remembered beside it, as one value, so that both change in one
 * step. Immutable, and compared by identity: a decision is applied only to the very state that it was made on.
 */
final class Kept {
    /** How many decisions are remembered of one key; older ones make room for newer ones. */
    static final int MAX_ENTRIES = 100;

    private final IdempotencyRecord record;
    private final KeyHistory history;

    private final Instant purgeableFrom;

    private Kept(IdempotencyRecord record, KeyHistory history) {
        this.record = record;
        this.history = history;
        Instant from = ClaimMachine.purgeableFrom(record);
        for (Entry entry : history.entries()) {
            if (entry.decision() == Decision.RETIRED && from.isBefore(ClaimMachine.forgettableFrom(entry))) {
                from = ClaimMachine.forgettableFrom(entry);
            }
        }
        this.purgeableFrom = from;
    }

    /** That of a key which nothing is remembered of. */
    static Kept of(IdempotencyRecord record) {
        return new Kept(record, KeyHistory.EMPTY);
    }

    IdempotencyRecord record() {
        return record;
    }

    /** From when on this key may be forgotten once its record has ended: also its retirements may be by then. */
    Instant purgeableFrom() {
        return purgeableFrom;
    }

    /** Whether this key may be forgotten. */
    boolean isPurgeable(Instant now) {
        return record.state().isEnded() && !now.isBefore(purgeableFrom);
    }

    /** The mark of this name, if the record has one. */
    @Nullable
    Checkpoint checkpoint(String name) {
        for (Checkpoint each : history.checkpoints()) {
            if (each.name().equals(name)) {
                return each;
            }
        }
        return null;
    }

    /** What is remembered, with the newest {@code limit} decisions. */
    KeyHistory history(int limit) {
        List<Entry> entries = history.entries();
        return limit >= entries.size()
                ? history
                : new KeyHistory(history.retiredFence(), history.checkpoints(), newest(entries, limit));
    }

    /** This key after its record moved. The marks of a former life go with it. */
    Kept moved(IdempotencyRecord next) {
        boolean sameLife = next.createdAt().equals(record.createdAt());
        if (sameLife) {
            return new Kept(next, history);
        }
        long retiredFence = ClaimMachine.retiredFence(history.entries(), next);
        return new Kept(next, new KeyHistory(retiredFence, List.of(), history.entries()));
    }

    /** This key after its record was given {@code mark}, the latest of its versions. */
    Kept marked(IdempotencyRecord next, Checkpoint mark) {
        Stream<Checkpoint> others =
                history.checkpoints().stream().filter(each -> !each.name().equals(mark.name()));
        return new Kept(
                next, withCheckpoints(Stream.concat(others, Stream.of(mark)).toList()));
    }

    /**
     * This key after somebody decided about its record. A retirement ends the record's life and its marks at once: the next
     * life may begin within the same tick of the clock, and then its beginning would not tell the two apart.
     */
    Kept decided(IdempotencyRecord next, Entry entry) {
        boolean retired = entry.decision() == Decision.RETIRED;
        List<Entry> entries =
                Stream.concat(history.entries().stream(), Stream.of(entry)).toList();
        return new Kept(
                next,
                new KeyHistory(
                        retired ? entry.before().fence() : history.retiredFence(),
                        retired ? List.of() : history.checkpoints(),
                        newest(entries, MAX_ENTRIES)));
    }

    private KeyHistory withCheckpoints(List<Checkpoint> checkpoints) {
        return new KeyHistory(history.retiredFence(), checkpoints, history.entries());
    }

    private static List<Entry> newest(List<Entry> entries, int limit) {
        return entries.subList(Math.max(0, entries.size() - limit), entries.size());
    }
}
