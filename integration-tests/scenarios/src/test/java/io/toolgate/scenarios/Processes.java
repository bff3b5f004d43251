package io.toolgate.scenarios;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.toolgate.Failure;
import io.toolgate.IdempotencyKey;
import io.toolgate.store.IdempotencyRecord;
import io.toolgate.store.IdempotencyStore;
import io.toolgate.store.Lease;
import io.toolgate.store.RecordId;
import io.toolgate.store.TransitionOutcome;
import io.toolgate.store.contract.Rule;
import io.toolgate.store.jdbc.JdbcIdempotencyStore;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.TimeUnit;
import org.awaitility.Awaitility;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Operating-system processes that race on a real database. */
abstract class Processes {
    private static final int PROCESSES = 8;
    private static final long LEASE_MILLIS = 1_500;
    private static final long LONG_MILLIS = 30_000;

    private final List<WorkerProcess> workers = new ArrayList<>();
    private final String key = UUID.randomUUID().toString();
    private IdempotencyStore store;

    abstract String url();

    @BeforeEach
    void openStore() {
        store = JdbcIdempotencyStore.open(url());
    }

    @AfterEach
    void endProcesses() throws Exception {
        for (WorkerProcess worker : workers) {
            worker.close();
        }
        store.close();
    }

    private WorkerProcess start(long waitMillis, String offset) {
        return start(url(), waitMillis, offset);
    }

    WorkerProcess start(long waitMillis) {
        return start(url(), waitMillis, null);
    }

    WorkerProcess start(String url, long waitMillis, @Nullable String offset) {
        WorkerProcess worker = WorkerProcess.start(url, waitMillis, offset);
        workers.add(worker);
        return worker;
    }

    private Lease claim(String value, Duration lease) {
        return DeadOwner.claim(store, IdempotencyKey.of("processes", value).in("charge"), lease);
    }

    private IdempotencyRecord stored(String value) {
        return store.peek(IdempotencyKey.of("processes", value).in("charge")).orElseThrow();
    }

    @Test
    @Rule(1)
    void eightProcessesHaveOneWinnerForAFreshAnExpiredAndAFailedKey() throws Exception {
        for (int i = 0; i < PROCESSES; i++) {
            var unused = start(LONG_MILLIS);
        }
        for (WorkerProcess worker : workers) {
            assertThat(worker.expect("ready")).isEmpty();
        }
        String fresh = "fresh-" + key;
        String expired = "expired-" + key;
        String failed = "failed-" + key;
        assertThat(claim(expired, Duration.ofMillis(1)).fence()).isEqualTo(1);
        assertThat(store.fail(claim(failed, Duration.ofMinutes(1)), Failure.notExecuted("c", "m")))
                .isInstanceOf(TransitionOutcome.Applied.class);

        assertOneWinner(fresh, 1);
        assertOneWinner(expired, 2);
        assertOneWinner(failed, 2);
    }

    private void assertOneWinner(String value, long fence) throws Exception {
        workers.forEach(worker -> worker.tell("execute " + value + " 30000"));
        int ran = 0;
        Set<String> receipts = new HashSet<>();
        for (WorkerProcess worker : workers) {
            String[] answer = worker.expect("done").split(" ");
            ran += answer[0].equals("ran") ? 1 : 0;
            receipts.add(answer[1]);
        }
        assertThat(receipts).as(value).hasSize(1).allMatch(receipt -> receipt.endsWith("-attempt-" + fence));
        assertThat(ran).as(value).isEqualTo(1);
        assertThat(stored(value).fence()).isEqualTo(fence);
    }

    @Test
    @Rule({10, 17})
    void aProcessThatIsKilledIsReplacedByAWaiterInAnotherWithTheSameProviderKey() throws Exception {
        RecordId id = IdempotencyKey.of("processes", key).in("charge");
        assertThat(store.fail(
                        claim(key, Duration.ofMinutes(1)),
                        Failure.notExecuted("declined", "").rememberedByProvider()))
                .isInstanceOf(TransitionOutcome.Applied.class);
        WorkerProcess owner = start(0);
        WorkerProcess waiter = start(LONG_MILLIS);
        assertThat(owner.expect("ready")).isEmpty();
        assertThat(waiter.expect("ready")).isEmpty();
        Awaitility.await("the pause after a refusal")
                .until(() -> stored(key).pauseRemaining().isZero());
        owner.tell("hold " + key + " " + LEASE_MILLIS);
        String providerKey = id.providerKey(1, "").toString();
        assertThat(owner.expect("running"))
                .isEqualTo("2 " + providerKey)
                .doesNotContain(id.providerKey().toString());
        waiter.tell("execute " + key + " " + LEASE_MILLIS);
        // Heartbeats keep the waiter waiting for more than a lease.
        var lease = stored(key).leaseUntil();
        Awaitility.await()
                .atMost(Duration.ofSeconds(30))
                .until(() -> stored(key).readAt().isAfter(lease.plusMillis(200)));
        assertThat(waiter.hasAnswered()).isFalse();
        // It may have asked the provider under this key, and has stored nothing.
        owner.kill();
        assertThat(waiter.expect("done")).startsWith("ran receipt-of-").endsWith("-for-" + providerKey + "-attempt-3");
        assertThat(stored(key).numbers().providerKey()).isEqualTo(1);
    }

    @ParameterizedTest
    @ValueSource(strings = {"+1h", "-1h"})
    @Rule(7)
    void aProcessWhoseClockIsOffByAnHourChangesNothing(String offset) throws Exception {
        requireFaketime();
        WorkerProcess right = start(0);
        WorkerProcess wrong = start(0, offset);
        WorkerProcess waiter = start(LONG_MILLIS);
        for (WorkerProcess worker : workers) {
            assertThat(worker.expect("ready")).isEmpty();
        }
        wrong.tell("clock");
        long off = Long.parseLong(wrong.expect("clock")) - System.currentTimeMillis();
        assertThat(Duration.ofMillis(Math.abs(off))).as("offset of the clock").isGreaterThan(Duration.ofMinutes(50));

        // It takes over no live lease.
        String first = "first-" + key;
        right.tell("hold " + first + " 20000");
        assertThat(right.expect("running")).startsWith("1 ");
        wrong.tell("execute " + first + " 20000");
        assertThat(wrong.expect("done")).isEqualTo("replayed InProgress");
        right.tell("release");
        String receipt = right.expect("done ran");
        wrong.tell("execute " + first + " 20000");
        assertThat(wrong.expect("done")).isEqualTo("replayed " + receipt);

        // Its own lease is live to others while it lives, and ends after its death: neither an hour early nor late.
        String second = "second-" + key;
        wrong.tell("hold " + second + " " + LEASE_MILLIS);
        assertThat(wrong.expect("running")).startsWith("1 ");
        right.tell("execute " + second + " " + LEASE_MILLIS);
        assertThat(right.expect("done")).isEqualTo("replayed InProgress");
        waiter.tell("execute " + second + " " + LEASE_MILLIS);
        wrong.kill();
        assertThat(waiter.expect("done")).startsWith("ran receipt-of-").endsWith("-attempt-2");
    }

    private static void requireFaketime() throws InterruptedException {
        boolean installed;
        try {
            installed = new ProcessBuilder("faketime", "--version")
                    .redirectErrorStream(true)
                    .start()
                    .waitFor(30, TimeUnit.SECONDS);
        } catch (IOException e) {
            installed = false;
        }
        boolean required = "true".equals(System.getenv("CI"));
        assertThat(installed || !required)
                .as("faketime is installed, as .ci/run sees to")
                .isTrue();
        assumeTrue(installed, "faketime is not installed; Debian and Ubuntu have it: apt-get install faketime");
    }
}
