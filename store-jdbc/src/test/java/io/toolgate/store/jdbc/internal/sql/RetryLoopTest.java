package io.toolgate.store.jdbc.internal.sql;

import static io.toolgate.store.jdbc.TestLatches.await;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.toolgate.store.StoreException;
import io.toolgate.store.contract.Rule;
import io.toolgate.store.jdbc.internal.sql.RetryLoop.OnInterrupt;
import java.sql.SQLException;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import org.jdbi.v3.core.ConnectionException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** How often an operation is tried, and what is said when it was in vain. */
class RetryLoopTest {
    private final InFlightCalls inFlight = new InFlightCalls();
    private final RetryLoop attempts = new RetryLoop(Dialect.POSTGRESQL, Duration.ofMillis(300), inFlight);
    private final AtomicInteger tries = new AtomicInteger();

    /** As Jdbi throws what broke a statement. */
    private static RuntimeException jdbi(String state) {
        return new org.jdbi.v3.core.result.ResultSetException("", new SQLException("it broke", state), null);
    }

    @AfterEach
    void clearTheFlag() {
        boolean unused = Thread.interrupted();
    }

    @Test
    @Rule(14)
    void abortedAndUnknownOperationsAreRetried() {
        String answer = attempts.run("x", OnInterrupt.STOP, () -> switch (tries.incrementAndGet()) {
            case 1 -> throw jdbi("40001");
            case 2 -> throw jdbi("08006");
            case 3 -> throw jdbi("53100");
            case 4 -> null;
            default -> "answer";
        });
        assertThat(answer).isEqualTo("answer");
        assertThat(tries).hasValue(5);
    }

    @Test
    @Rule(12)
    void anOperationThatTimesOutIsOfUnknownOutcome() {
        StoreException.Unavailable e = catchThrowableOfType(
                StoreException.Unavailable.class,
                () -> attempts.run("the claim", OnInterrupt.STOP, () -> {
                    throw jdbi(tries.incrementAndGet() == 1 ? "08006" : "40001");
                }));
        assertThat(e)
                .hasMessageContaining("Timed out for the claim after " + tries + " tries")
                .hasMessageContaining("It is unknown whether it took effect; a retry with the same token is safe")
                .hasMessageContaining("SQLSTATE 40001: it broke")
                .hasCauseInstanceOf(SQLException.class);
        assertThat(e.getSuppressed()).isNotEmpty().hasSizeLessThan(9);
        assertThat(((SQLException) e.getSuppressed()[0]).getSQLState())
                .as("the first trouble")
                .isEqualTo("08006");
    }

    @Test
    @Rule(12)
    void anOperationThatWasNeverSentDidNotHappen() {
        assertThatThrownBy(() -> attempts.run("the claim", OnInterrupt.STOP, () -> {
                    throw new ConnectionException(new SQLException("no connection", "08001"));
                }))
                .isInstanceOf(StoreException.Unavailable.class)
                .hasMessageContaining("It did not take effect")
                .hasMessageContaining("no connection");
    }

    @Test
    @Rule(8)
    void anEndlessRaceTimesOut() {
        assertThatThrownBy(() -> attempts.run("the claim", OnInterrupt.STOP, () -> {
                    tries.incrementAndGet();
                    return null;
                }))
                .isInstanceOf(StoreException.Unavailable.class)
                .hasMessageContaining("Other callers kept changing the record");
        assertThat(tries.get()).isGreaterThan(4);
    }

    @Test
    void refusedValuesAreNotRetried() {
        assertThatThrownBy(() -> attempts.run("the claim", OnInterrupt.STOP, () -> {
                    tries.incrementAndGet();
                    throw jdbi("23514");
                }))
                .isInstanceOf(StoreException.Refused.class);
        assertThat(tries).hasValue(1);
    }

    @Test
    void aMisconfigurationNamesItsRemedy() {
        assertThatThrownBy(() -> attempts.run("the claim", OnInterrupt.STOP, () -> {
                    throw jdbi("42501");
                }))
                .isInstanceOf(StoreException.Misconfigured.class)
                .hasMessageContaining("SELECT, INSERT and UPDATE");
        assertThatThrownBy(() -> attempts.run("the claim", OnInterrupt.STOP, () -> {
                    throw jdbi("26000");
                }))
                .isInstanceOf(StoreException.Misconfigured.class)
                .hasMessageContaining("transactionPooling(true)");
    }

    @Test
    void aProgrammingErrorIsNoDatabaseError() {
        assertThatThrownBy(() -> attempts.run("x", OnInterrupt.STOP, () -> {
                    throw new IllegalStateException("a bug");
                }))
                .isInstanceOf(IllegalStateException.class)
                .hasMessage("a bug");
    }

    @Test
    void anInterruptedClaimStopsBetweenTwoAttemptsAndKeepsTheInterrupt() {
        Thread.currentThread().interrupt();
        assertThatThrownBy(() -> attempts.run("the claim", OnInterrupt.STOP, () -> {
                    tries.incrementAndGet();
                    throw jdbi("40001");
                }))
                .isInstanceOf(StoreException.Unavailable.class)
                .hasMessageContaining("interrupted");
        assertThat(tries).hasValue(1);
        assertThat(Thread.currentThread().isInterrupted()).isTrue();
    }

    @Test
    void anInterruptedCompletionIsRetriedAndRestoresTheInterrupt() {
        Thread.currentThread().interrupt();
        String answer = attempts.run("the completion", OnInterrupt.FINISH, () -> {
            assertThat(Thread.currentThread().isInterrupted()).isFalse();
            if (tries.incrementAndGet() == 1) {
                Thread.currentThread().interrupt();
                throw jdbi("08006");
            }
            return "stored";
        });
        assertThat(answer).isEqualTo("stored");
        assertThat(Thread.currentThread().isInterrupted()).isTrue();
    }

    @Test
    void aChainOfCausesThatLeadsBackToItselfIsSearchedOnce() {
        RuntimeException first = new RuntimeException("first");
        RuntimeException second = new RuntimeException("second", first);
        var unused = first.initCause(second);
        assertThat((Throwable) RetryLoop.sqlCause(second)).isNull();
    }

    @Test
    void closeLetsRunningOperationsFinish() throws InterruptedException {
        CountDownLatch inside = new CountDownLatch(1);
        AtomicReference<String> answer = new AtomicReference<>();
        CountDownLatch closing = new CountDownLatch(1);
        Thread worker = new Thread(() -> answer.set(attempts.run("x", OnInterrupt.FINISH, () -> {
            inside.countDown();
            if (tries.incrementAndGet() == 1) {
                await(closing);
                throw jdbi("08006");
            }
            return "stored";
        })));
        worker.start();
        inside.await();
        Thread closer = new Thread(
                () -> assertThat(inFlight.close(Duration.ofSeconds(10))).isTrue());
        closer.start();
        org.awaitility.Awaitility.await().until(() -> closer.getState() == Thread.State.TIMED_WAITING);
        closing.countDown();
        worker.join();
        closer.join();
        assertThat(answer).hasValue("stored");
        assertThatThrownBy(() -> attempts.run("x", OnInterrupt.STOP, () -> "late"))
                .isInstanceOf(StoreException.Closed.class);
        assertThat(inFlight.close(Duration.ZERO)).as("the second close").isFalse();
    }
}
