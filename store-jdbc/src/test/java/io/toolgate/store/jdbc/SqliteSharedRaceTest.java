package io.toolgate.store.jdbc;

import static org.assertj.core.api.Assertions.assertThat;

import io.toolgate.store.ClaimOutcome;
import io.toolgate.store.ClaimOutcome.Acquired;
import io.toolgate.store.ClaimRequest;
import io.toolgate.store.StoreException;
import io.toolgate.store.TransitionOutcome;
import io.toolgate.store.TransitionOutcome.AlreadyApplied;
import io.toolgate.store.TransitionOutcome.Applied;
import io.toolgate.store.contract.Rule;
import io.toolgate.store.jdbc.internal.sql.Dialect;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Queue;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Many threads that share commits, are interrupted, and have the store closed on them. */
@Timeout(120)
class SqliteSharedRaceTest {
    private static final int THREADS = 16;
    private static final int BEFORE_CLOSING = 400;

    @TempDir
    Path directory;

    private final Queue<ClaimRequest> acquired = new ConcurrentLinkedQueue<>();
    private final Set<ClaimRequest> completed = ConcurrentHashMap.newKeySet();
    private final Queue<Throwable> unexpected = new ConcurrentLinkedQueue<>();
    private final CountDownLatch enough = new CountDownLatch(BEFORE_CLOSING);

    @Test
    @Rule(3)
    void acknowledgedWritesAreStoredDespiteInterruptsAndClose() throws Exception {
        Backend backend = Backend.sqlite(directory);
        JdbcIdempotencyStore store = backend.builder().everythingShared().open();
        List<Thread> threads = new ArrayList<>();
        for (int i = 0; i < THREADS; i++) {
            Thread thread = new Thread(() -> work(store));
            threads.add(thread);
            thread.start();
        }
        Random random = new Random(7);
        while (!enough.await(1, TimeUnit.MILLISECONDS)) {
            threads.get(random.nextInt(THREADS)).interrupt();
        }
        store.close();
        for (Thread thread : threads) {
            thread.join();
        }
        assertThat(unexpected).isEmpty();
        assertThat(acquired).hasSizeGreaterThanOrEqualTo(BEFORE_CLOSING);
        List<String> owned = backend.rows("SELECT lower(hex(claim_token)), version FROM tg_idempotency");
        List<String> done =
                backend.rows("SELECT lower(hex(claim_token)), version FROM tg_idempotency WHERE status = 'COMPLETED'");
        assertThat(owned).as("a key is claimed and completed once").noneMatch(row -> row.endsWith("|3"));
        Set<String> tokens =
                Set.copyOf(owned.stream().map(row -> row.substring(0, 32)).toList());
        Set<String> finished =
                Set.copyOf(done.stream().map(row -> row.substring(0, 32)).toList());
        assertThat(acquired).allMatch(request -> tokens.contains(hex(request)));
        assertThat(completed).isNotEmpty().allMatch(request -> finished.contains(hex(request)));
    }

    private static String hex(ClaimRequest request) {
        return HexFormat.of().formatHex(Dialect.bytes(request.token().toUuid()));
    }

    private void work(JdbcIdempotencyStore store) {
        try {
            while (true) {
                one(store, TestRequests.hold(TestRequests.freshId()));
            }
        } catch (StoreException.Closed e) {
            // As it should end.
        } catch (RuntimeException | Error e) {
            unexpected.add(e);
        }
    }

    private void one(JdbcIdempotencyStore store, ClaimRequest request) {
        try {
            ClaimOutcome outcome = store.claim(request);
            if (!(outcome instanceof Acquired mine)) {
                throw new AssertionError("nobody else knows this key, and yet " + outcome);
            }
            acquired.add(request);
            enough.countDown();
            TransitionOutcome ended = store.complete(mine.lease(), TestRequests.result("paid"));
            if (!(ended instanceof Applied) && !(ended instanceof AlreadyApplied)) {
                throw new AssertionError("nobody else has this lease, and yet " + ended);
            }
            completed.add(request);
        } catch (StoreException.Unavailable e) {
            // Interrupted: nobody was told anything.
            boolean unused = Thread.interrupted();
        }
    }
}
