package io.toolgate.store.jdbc.internal.wakeup;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.UUID;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(30)
class NotifyQueueTest {
    private static final long SELF = 7;

    private final BlockingQueue<List<String>> sent = new LinkedBlockingQueue<>();
    private final CountDownLatch mayGoOn = new CountDownLatch(1);

    private List<NotifyPayload> taken() throws InterruptedException {
        return sent.poll(20, TimeUnit.SECONDS).stream()
                .map(text -> NotifyPayload.read(text).orElseThrow())
                .toList();
    }

    @Test
    void notificationsThatGatherWhileOneBatchIsSentMakeTheNextOneWithoutRepetitions() throws Exception {
        try (NotifyQueue notifier = new NotifyQueue(SELF, texts -> {
            sent.add(texts);
            awaitGoOn();
        })) {
            UUID first = UUID.randomUUID();
            notifier.send(NotifyPayload.Kind.MOVED, List.of(first));
            assertThat(taken()).containsExactly(new NotifyPayload(NotifyPayload.Kind.MOVED, SELF, List.of(first)));
            UUID second = UUID.randomUUID();
            UUID third = UUID.randomUUID();
            notifier.send(NotifyPayload.Kind.MOVED, List.of(second));
            notifier.send(NotifyPayload.Kind.WAITS, List.of(third));
            notifier.send(NotifyPayload.Kind.MOVED, List.of(second, third));
            assertThat(sent).isEmpty();
            mayGoOn.countDown();
            assertThat(taken())
                    .containsExactlyInAnyOrder(
                            new NotifyPayload(NotifyPayload.Kind.MOVED, SELF, List.of(second, third)),
                            new NotifyPayload(NotifyPayload.Kind.WAITS, SELF, List.of(third)));
            notifier.send(NotifyPayload.Kind.MOVED, List.of(first));
            assertThat(taken()).hasSize(1);
        }
    }

    @Test
    void aNotificationThatCannotBeSentIsDroppedAndTheNextIsSent() throws Exception {
        mayGoOn.countDown();
        UUID refused = UUID.randomUUID();
        UUID next = UUID.randomUUID();
        try (NotifyQueue notifier = new NotifyQueue(SELF, texts -> {
            sent.add(texts);
            if (NotifyPayload.read(texts.get(0)).orElseThrow().ids().contains(refused)) {
                throw new IllegalStateException("an outage on purpose");
            }
        })) {
            notifier.send(NotifyPayload.Kind.MOVED, List.of(refused));
            assertThat(taken()).hasSize(1);
            notifier.send(NotifyPayload.Kind.MOVED, List.of(next));
            assertThat(taken().get(0).ids()).containsExactly(next);
        }
    }

    @Test
    void aClosedQueueSendsNothing() {
        NotifyQueue notifier = new NotifyQueue(SELF, sent::add);
        notifier.close();
        notifier.send(NotifyPayload.Kind.MOVED, List.of(UUID.randomUUID()));
        notifier.close();
        assertThat(sent).isEmpty();
    }

    private void awaitGoOn() {
        try {
            assertThat(mayGoOn.await(20, TimeUnit.SECONDS)).isTrue();
        } catch (InterruptedException e) {
            throw new AssertionError(e);
        }
    }
}
