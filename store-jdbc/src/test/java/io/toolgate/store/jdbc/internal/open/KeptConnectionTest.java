package io.toolgate.store.jdbc.internal.open;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.toolgate.store.jdbc.TestLatches;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.sqlite.SQLiteDataSource;

/** A source that hands out late, and a close at each moment. */
class KeptConnectionTest {
    private static final Duration PATIENCE = Duration.ofSeconds(60);

    private final CountDownLatch handsOut = new CountDownLatch(1);
    private final List<Connection> handedOut = new CopyOnWriteArrayList<>();
    private final KeptConnection kept = new KeptConnection(
            new SQLiteDataSource() {
                @Override
                public Connection getConnection() throws SQLException {
                    TestLatches.await(handsOut);
                    Connection connection = super.getConnection();
                    handedOut.add(connection);
                    return connection;
                }
            },
            false);

    private void closeOnAnotherThread() {
        CompletableFuture.runAsync(kept::close).orTimeout(60, TimeUnit.SECONDS).join();
    }

    private void assertThatTheOneHandedOutIsClosed() throws SQLException {
        long deadline = System.nanoTime() + PATIENCE.toNanos();
        while (handedOut.isEmpty() || !handedOut.get(0).isClosed()) {
            assertThat(System.nanoTime()).as("it was not closed").isLessThan(deadline);
            Thread.onSpinWait();
        }
        assertThat(handedOut).hasSize(1);
    }

    @Test
    void whatArrivesAfterItsRenewalGaveUpIsLentToTheNextOne() throws Exception {
        kept.begin();
        assertThatThrownBy(() -> kept.take(Duration.ofMillis(1))).hasMessageContaining("within PT0.001S");
        handsOut.countDown();
        Connection first = kept.take(PATIENCE);
        kept.release(first, null);
        kept.begin();
        assertThat(kept.take(PATIENCE)).isSameAs(first);
        kept.release(first, null);
        assertThat(handedOut).containsExactly(first);
        kept.close();
        assertThat(first.isClosed()).isTrue();
        assertThatThrownBy(() -> kept.take(PATIENCE)).hasMessageContaining("closed");
    }

    @Test
    void whatArrivesAfterTheCloseIsClosed() throws Exception {
        kept.begin();
        kept.close();
        handsOut.countDown();
        assertThatTheOneHandedOutIsClosed();
    }

    @Test
    void whatIsLentAtTheCloseIsClosedWhenItIsReleased() throws Exception {
        handsOut.countDown();
        Connection lent = kept.take(PATIENCE);
        closeOnAnotherThread();
        assertThat(lent.isClosed()).isFalse();
        kept.release(lent, null);
        assertThat(lent.isClosed()).isTrue();
    }

    @Test
    void aCloseDuringTheReleaseClosesItToo() throws Exception {
        handsOut.countDown();
        Connection lent = kept.take(PATIENCE);
        RuntimeException thrown = new RuntimeException("thrown by its use") {
            private static final long serialVersionUID = 1L;

            /** Called by the release, which looks for an error of the database behind it. */
            @Override
            public synchronized Throwable getCause() {
                closeOnAnotherThread();
                return null;
            }
        };
        kept.release(lent, thrown);
        assertThat(lent.isClosed()).isTrue();
    }
}
