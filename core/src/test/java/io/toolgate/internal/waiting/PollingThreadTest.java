package io.toolgate.internal.waiting;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.toolgate.internal.base.CallKey;
import io.toolgate.internal.replay.ReplayStore;
import io.toolgate.store.InputFingerprint;
import io.toolgate.store.RecordId;
import io.toolgate.store.contract.ModelDatabase;
import io.toolgate.store.contract.ModelStore;
import org.junit.jupiter.api.Test;

/** Who waits for a record, and who watches it, in a process that can start no thread to poll it. */
class PollingThreadTest {
    private static final RecordId ID = RecordId.of("t", "a", "key");

    private final ModelStore store = new ModelStore(new ModelDatabase());

    /** A thread that cannot be started. */
    private static final class NoThread extends Thread {
        NoThread(Runnable task) {
            super(task);
        }

        @Override
        public void start() {
            throw new OutOfMemoryError("unable to create native thread");
        }
    }

    @Test
    void aWaiterDoesNotStayBehind() {
        WaiterPoller waiters = new WaiterPoller(store, ReplayStore.NONE, NoThread::new);
        CallKey key = new CallKey(ID, InputFingerprint.ofCanonical(new byte[] {1}));
        for (int i = 0; i < 2; i++) {
            assertThatThrownBy(() -> waiters.join(key, new Waiter.Blocking(), 1))
                    .as("a second one finds no other, where one may wait, and no thread either")
                    .isInstanceOf(OutOfMemoryError.class);
            assertThat(waiters.hasWaiters(key)).isFalse();
            assertThat(waiters.polled()).isEmpty();
        }
    }

    @Test
    void aWatchDoesNotStayBehind() {
        ProgressWatches watches = new ProgressWatches(store, Runnable::run, NoThread::new);
        assertThatThrownBy(() -> {
                    var unused = watches.open(ID, progress -> {});
                })
                .isInstanceOf(OutOfMemoryError.class);
        assertThat(watches.polled()).isEmpty();
    }
}
