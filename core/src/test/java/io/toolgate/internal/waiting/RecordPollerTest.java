package io.toolgate.internal.waiting;

import static org.assertj.core.api.Assertions.assertThat;

import io.toolgate.store.ForwardingStore;
import io.toolgate.store.IdempotencyStore;
import io.toolgate.store.RecordId;
import io.toolgate.store.Subscription;
import io.toolgate.store.contract.ModelDatabase;
import io.toolgate.store.contract.ModelStore;
import io.toolgate.store.contract.Rule;
import java.util.Collection;
import java.util.Set;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What a record poller announces to its store, and when it polls, with a store that hints when the test says so. */
@Timeout(30)
class RecordPollerTest {
    private static final long NEVER = TimeUnit.HOURS.toNanos(1);
    private static final RecordId FIRST = RecordId.of("t", "a", "first");
    private static final RecordId SECOND = RecordId.of("t", "a", "second");

    private final BlockingQueue<Set<RecordId>> announced = new LinkedBlockingQueue<>();
    private final BlockingQueue<Set<RecordId>> polls = new LinkedBlockingQueue<>();
    private final BlockingQueue<Long> fullPolls = new LinkedBlockingQueue<>();
    private final Set<RecordId> watched = ConcurrentHashMap.newKeySet();
    private final CountDownLatch mayAnnounce = new CountDownLatch(1);
    private final CountDownLatch maySubscribe = new CountDownLatch(1);
    private final BlockingQueue<Consumer<RecordId>> consumers = new LinkedBlockingQueue<>();
    private RecordPoller poller;

    private final class WatchedPoller extends RecordPoller {
        WatchedPoller(IdempotencyStore store, Pace pace) {
            super("test", store, pace);
        }

        @Override
        Set<RecordId> polled() {
            return watched;
        }

        @Override
        boolean poll(Set<RecordId> only) {
            polls.add(only);
            if (only.isEmpty()) {
                fullPolls.add(System.nanoTime());
            }
            return !only.isEmpty();
        }
    }

    @AfterEach
    void close() {
        mayAnnounce.countDown();
        maySubscribe.countDown();
        poller.stop();
    }

    private final class PushingStore extends ForwardingStore {
        private final RuntimeException trouble;

        PushingStore(RuntimeException trouble) {
            super(new ModelStore(new ModelDatabase()));
            this.trouble = trouble;
        }

        @Override
        public Subscription subscribe(Consumer<RecordId> ended) {
            await(maySubscribe);
            consumers.add(ended);
            return new Subscription() {
                @Override
                public void announce(Collection<RecordId> ids) {
                    announced.add(Set.copyOf(ids));
                    await(mayAnnounce);
                    if (trouble != null) {
                        throw trouble;
                    }
                }

                @Override
                public void close() {}
            };
        }
    }

    private static void await(CountDownLatch latch) {
        try {
            assertThat(latch.await(20, TimeUnit.SECONDS)).isTrue();
        } catch (InterruptedException e) {
            throw new AssertionError(e);
        }
    }

    private static <T> T take(BlockingQueue<T> queue) throws InterruptedException {
        return queue.poll(20, TimeUnit.SECONDS);
    }

    private void open(long pollNanos, long announceNanos, RuntimeException trouble) {
        RecordPoller.Pace pace = new RecordPoller.Pace(pollNanos, pollNanos, pollNanos, 0, announceNanos);
        poller = new WatchedPoller(new PushingStore(trouble), pace);
    }

    private void come(RecordId id) {
        watched.add(id);
        poller.added(id);
    }

    @Test
    void newWaitersAreAnnouncedAtOnceAndThoseOfTheMeantimeTogether() throws Exception {
        maySubscribe.countDown();
        open(NEVER, NEVER, null);
        come(FIRST);
        assertThat(take(announced)).containsExactly(FIRST);
        RecordId third = RecordId.of("t", "a", "third");
        come(SECOND);
        come(third);
        mayAnnounce.countDown();
        assertThat(take(announced)).contains(SECOND, third);
    }

    @Test
    void aWaiterFromBeforeTheSubscriptionIsAnnouncedAfterIt() throws Exception {
        mayAnnounce.countDown();
        open(NEVER, NEVER, null);
        come(FIRST);
        come(SECOND);
        assertThat(announced).isEmpty();
        maySubscribe.countDown();
        assertThat(take(announced)).contains(FIRST, SECOND);
    }

    @Test
    void recordsWithWaitersAreAnnouncedRepeatedly() throws Exception {
        maySubscribe.countDown();
        mayAnnounce.countDown();
        open(TimeUnit.MILLISECONDS.toNanos(2), TimeUnit.MILLISECONDS.toNanos(4), null);
        come(FIRST);
        come(SECOND);
        while (!take(announced).equals(Set.of(FIRST, SECOND))) {
            // The newcomers, one by one.
        }
        watched.remove(SECOND);
        while (!take(announced).equals(Set.of(FIRST))) {
            // One that was on its way.
        }
        assertThat(take(announced)).containsExactly(FIRST);
    }

    @Test
    @Rule(8)
    void aHintCausesAReadOfItsOwnRecordOnly() throws Exception {
        maySubscribe.countDown();
        mayAnnounce.countDown();
        open(NEVER, NEVER, null);
        come(FIRST);
        come(SECOND);
        Consumer<RecordId> store = take(consumers);
        store.accept(RecordId.of("t", "a", "unpolled"));
        store.accept(SECOND);
        assertThat(take(polls)).containsExactly(SECOND);
        assertThat(polls).isEmpty();
    }

    @Test
    @Rule(8)
    void aLostHintCostsNoMoreThanAPoll() throws Exception {
        maySubscribe.countDown();
        mayAnnounce.countDown();
        open(TimeUnit.MILLISECONDS.toNanos(2), NEVER, null);
        come(FIRST);
        assertThat(take(announced)).containsExactly(FIRST);
        for (int i = 0; i < 5; i++) {
            assertThat(take(polls)).as("a full poll, of all records").isEmpty();
        }
    }

    @Test
    @Rule(8)
    void anAnnouncementThatFailsStopsNoPoll() throws Exception {
        maySubscribe.countDown();
        mayAnnounce.countDown();
        open(TimeUnit.MILLISECONDS.toNanos(2), NEVER, new IllegalStateException("thrown by a store on purpose"));
        come(FIRST);
        assertThat(take(announced)).containsExactly(FIRST);
        assertThat(take(polls)).isEmpty();
        assertThat(take(polls)).isEmpty();
    }

    /** Four times an interval with a quarter of jitter each time; without hints it would be one and a half times. */
    @Test
    void whereHintsArrivePollsAreRarer() throws Exception {
        maySubscribe.countDown();
        mayAnnounce.countDown();
        long firstNanos = TimeUnit.MILLISECONDS.toNanos(20);
        poller = new WatchedPoller(new PushingStore(null), new RecordPoller.Pace(firstNanos, NEVER, NEVER, 0, NEVER));
        come(FIRST);
        Consumer<RecordId> consumer = take(consumers);
        Set<RecordId> only;
        do {
            consumer.accept(FIRST);
            only = take(polls);
        } while (only.isEmpty());
        fullPolls.clear();
        long first = take(fullPolls);
        long second = take(fullPolls);
        long third = take(fullPolls);
        assertThat(second - first).isGreaterThanOrEqualTo(firstNanos * 3);
        assertThat(third - second).isGreaterThanOrEqualTo(firstNanos * 12);
    }
}
