package io.toolgate.store.jdbc.internal.wakeup;

import static org.assertj.core.api.Assertions.assertThat;

import io.toolgate.store.Lease;
import io.toolgate.store.RecordId;
import io.toolgate.store.Subscription;
import io.toolgate.store.TransitionOutcome.Applied;
import io.toolgate.store.jdbc.JdbcIdempotencyStore;
import io.toolgate.store.jdbc.TestRequests;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.awaitility.Awaitility;

/** Who waits at a store without ever polling, and so knows only what it is told. */
final class Subscriber implements AutoCloseable {
    static final Duration PATIENCE = Duration.ofSeconds(20);

    // The same mark again would be no news.
    private static final AtomicInteger MARKS = new AtomicInteger();

    private final BlockingQueue<RecordId> told = new LinkedBlockingQueue<>();
    private final Subscription subscription;

    Subscriber(JdbcIdempotencyStore store) {
        subscription = store.subscribe(told::add);
    }

    void announce(RecordId... ids) {
        subscription.announce(List.of(ids));
    }

    /** The next hint, null if there is none for long. */
    RecordId next() throws InterruptedException {
        return told.poll(PATIENCE.toMillis(), TimeUnit.MILLISECONDS);
    }

    boolean hasHints() {
        return !told.isEmpty();
    }

    /**
     * Announces, and gives back once a move of {@code owner}'s has been told, so that it has certainly heard who waits.
     */
    void announceTo(JdbcIdempotencyStore owner, Lease lease) throws InterruptedException {
        announce(lease.id());
        assertThat(next()).as("the announcement has taken effect").isEqualTo(lease.id());
        Awaitility.await().atMost(PATIENCE).pollDelay(Duration.ZERO).until(() -> {
            assertThat(owner.checkpoint(lease, "mark", TestRequests.result("mark " + MARKS.incrementAndGet())))
                    .isInstanceOf(Applied.class);
            return lease.id().equals(told.poll(50, TimeUnit.MILLISECONDS));
        });
        // Marks that were told later than that.
        settle();
    }

    /** Takes what has been told, until nothing comes for a while. */
    void settle() throws InterruptedException {
        while (told.poll(100, TimeUnit.MILLISECONDS) != null) {
            // Another one.
        }
    }

    @Override
    public void close() {
        subscription.close();
    }
}
