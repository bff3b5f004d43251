package io.toolgate.race.provider;

import static org.assertj.core.api.Assertions.assertThat;

import io.toolgate.race.provider.LedgerLine.Kind;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
class TillTest {
    private static final ChargeRequest REQUEST = new ChargeRequest("account-1", 100);

    private final List<LedgerLine> lines = new CopyOnWriteArrayList<>();
    private final CountDownLatch writing = new CountDownLatch(1);
    private final CountDownLatch mayWrite = new CountDownLatch(1);
    private final AtomicInteger appends = new AtomicInteger();

    @Test
    void theSecondOfTwoInFlightIsGivenTheFirstsReceipt() throws Exception {
        assertThat(secondAnswer(false).status()).isEqualTo(200);
        assertThat(lines).extracting(LedgerLine::kind).containsExactly(Kind.CHARGED, Kind.REPEATED);
    }

    @Test
    void theSecondOfTwoInFlightChargesIfTheFirstFails() throws Exception {
        assertThat(secondAnswer(true).status()).isEqualTo(201);
        assertThat(lines).extracting(LedgerLine::kind).containsExactly(Kind.CHARGED);
    }

    /** Of a request that came, and waits, while the first one with its key stands before the ledger. */
    private Till.Answer secondAnswer(boolean firstFails) throws Exception {
        ChargeLog ledger = line -> {
            if (appends.getAndIncrement() == 0) {
                writing.countDown();
                await(mayWrite);
                if (firstFails) {
                    throw new IOException("disk full");
                }
            }
            lines.add(line);
        };
        Till till = new Till(ledger, Duration.ZERO, true);
        FutureTask<Till.Answer> first = request(till, "request-1");
        new Thread(first).start();
        await(writing);
        FutureTask<Till.Answer> second = request(till, "request-2");
        Thread waiter = new Thread(second);
        waiter.start();
        while (waiter.getState() != Thread.State.WAITING) {
            Thread.onSpinWait();
        }
        assertThat(second).isNotDone();
        mayWrite.countDown();
        return second.get(30, TimeUnit.SECONDS);
    }

    private static FutureTask<Till.Answer> request(Till till, String id) {
        return new FutureTask<>(() -> till.charge(REQUEST, "key-1", id).orElseThrow());
    }

    /** Waits until {@code latch} opens. */
    static void await(CountDownLatch latch) throws IOException {
        try {
            if (!latch.await(30, TimeUnit.SECONDS)) {
                throw new IOException("waited in vain");
            }
        } catch (InterruptedException e) {
            throw new IOException(e);
        }
    }
}
