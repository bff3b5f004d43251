package io.toolgate.internal.waiting;

import io.toolgate.Progress;
import io.toolgate.Watch;
import io.toolgate.internal.base.CheckpointNames;
import io.toolgate.store.Checkpoint;
import io.toolgate.store.IdempotencyRecord;
import io.toolgate.store.Payload;
import io.toolgate.store.RecordId;
import io.toolgate.store.StoreException;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Executor;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One watch: what it has seen, and what its listener has yet to be told.
 *
 * <p>The poller's thread shows it records; the telling thread calls the listener. Between them is one place, for the latest
 * news: while a listener takes its time, later news takes the place of earlier. Whoever fills the empty place has the
 * listener called, so that at most one call of it waits to be made, and none is forgotten.
 */
public final class ProgressWatch implements Watch {
    private static final Logger log = LoggerFactory.getLogger(ProgressWatch.class);

    private final ProgressWatches watches;
    private final RecordId id;
    private final Consumer<Progress> listener;
    private final Executor teller;
    private final AtomicReference<@Nullable Progress> untold = new AtomicReference<>();

    // Both are set once, by whoever closes the watch and by the poller's thread, and read by all.
    private volatile boolean closed;
    private volatile boolean over;

    // The poller's thread only.
    private @Nullable IdempotencyRecord seen;
    private Map<String, Payload> seenMarks = Map.of();
    private boolean unreadable;

    ProgressWatch(ProgressWatches watches, RecordId id, Consumer<Progress> listener, Executor teller) {
        this.watches = watches;
        this.id = id;
        this.listener = listener;
        this.teller = teller;
    }

    @Override
    public boolean isOpen() {
        return !closed && !over;
    }

    @Override
    public void close() {
        closed = true;
        watches.remove(id, this);
    }

    boolean hasSeen() {
        return seen != null;
    }

    /** Whether {@code record} is not the one that was seen, but one that began from the start after that was deleted. */
    boolean isOver(IdempotencyRecord record) {
        return seen != null
                && record.createdAt().isAfter(seen.createdAt())
                && (record.fence() <= seen.fence() || record.version() <= seen.version());
    }

    /** Whether {@code record} is further on than what was seen. */
    boolean isNews(IdempotencyRecord record) {
        return seen == null || record.version() > seen.version();
    }

    /**
     * Takes in a record that is {@linkplain #isNews news}, and has it told.
     *
     * <p>Race: a mark is left between the reading of the record and that of its marks. It belongs to a version that is told
     * later; until then the one before it is shown, where it was seen.
     */
    void show(IdempotencyRecord record, List<Checkpoint> found) {
        boolean sameLife = seen != null && seen.createdAt().equals(record.createdAt());
        Map<String, Payload> marks = new LinkedHashMap<>();
        for (Checkpoint mark : found) {
            String name = mark.name();
            if (CheckpointNames.isOfRun(name)) {
                Payload before = sameLife ? seenMarks.get(name) : null;
                Payload value = mark.version() <= record.version() ? mark.value() : before;
                if (value != null) {
                    marks.put(name, value);
                }
            }
        }
        tell(new Progress(record.state(), record.fence(), record.version(), marks, record.updatedAt()));
        // Not before: what could not be handed on is news still.
        seen = record;
        seenMarks = marks;
        unreadable = false;
    }

    private void tell(Progress news) {
        if (untold.getAndSet(news) == null) {
            try {
                teller.execute(this::tellNow);
            } catch (RuntimeException | Error e) {
                untold.set(null);
                throw e;
            }
        }
    }

    private void tellNow() {
        Progress news = untold.getAndSet(null);
        if (news == null || closed) {
            return;
        }
        try {
            listener.accept(news);
        } catch (Throwable e) {
            // Whatever it is: who only looks on must not end the looking on of others, nor its own.
            log.warn(
                    "A listener of type {} threw at version {}; the watch goes on",
                    listener.getClass(),
                    news.version(),
                    e);
        }
    }

    /** Ends the watch, if it has seen the record before; else it is one that is yet to come. What was shown is still told. */
    void recordIsGone() {
        if (seen != null) {
            log.debug("The record of {} was deleted; its watch ends at version {}", id, seen.version());
            over = true;
            watches.remove(id, this);
        }
    }

    /** Says so once: the row is looked at again and again. */
    void cannotRead(StoreException.Corrupt corrupt) {
        if (!unreadable) {
            log.warn("The record of {} cannot be read; its watch tells nothing until it can", id, corrupt);
            unreadable = true;
        }
    }
}
