package io.toolgate.bench.wakeup;

import io.toolgate.bench.contender.Contender;
import io.toolgate.bench.load.Once;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/** A party in this process, with a thread for each call. */
public final class LocalParty implements Party {
    private static final long TIMEOUT_SECONDS = 70;

    private final Contender contender;
    private final ExecutorService threads = Executors.newCachedThreadPool(work -> {
        Thread thread = new Thread(work, "party");
        thread.setDaemon(true);
        return thread;
    });
    private final List<Future<Long>> owned = new ArrayList<>();
    private final List<Future<Long>> awaited = new ArrayList<>();
    private CountDownLatch end = new CountDownLatch(1);

    /** A party that calls {@code contender}, which the caller closes. */
    public LocalParty(Contender contender) {
        this.contender = contender;
    }

    @Override
    public void own(List<String> keys) throws Exception {
        CountDownLatch running = new CountDownLatch(keys.size());
        CountDownLatch toEnd = new CountDownLatch(1);
        end = toEnd;
        owned.clear();
        for (String key : keys) {
            owned.add(threads.submit(() -> {
                Once.check(contender.call(key, () -> {
                    running.countDown();
                    return Once.effectUntil(toEnd);
                }));
                return System.nanoTime();
            }));
        }
        if (!running.await(TIMEOUT_SECONDS, TimeUnit.SECONDS)) {
            throw new TimeoutException("an owner did not begin to run within " + TIMEOUT_SECONDS + " s");
        }
    }

    @Override
    public List<Long> finish() throws Exception {
        end.countDown();
        return results(owned);
    }

    @Override
    public void await(List<String> keys) throws Exception {
        CountDownLatch calling = new CountDownLatch(keys.size());
        awaited.clear();
        for (String key : keys) {
            awaited.add(threads.submit(() -> {
                calling.countDown();
                Once.check(contender.call(key, () -> {
                    throw new IllegalStateException("the effect of " + key + " runs a second time");
                }));
                return System.nanoTime();
            }));
        }
        calling.await();
    }

    @Override
    public List<Long> answered() throws Exception {
        return results(awaited);
    }

    private static List<Long> results(List<Future<Long>> futures) throws Exception {
        List<Long> results = new ArrayList<>();
        for (Future<Long> future : futures) {
            try {
                results.add(future.get(TIMEOUT_SECONDS, TimeUnit.SECONDS));
            } catch (ExecutionException e) {
                throw new IllegalStateException("a call failed: " + e.getCause(), e.getCause());
            }
        }
        return results;
    }

    @Override
    public void close() {
        threads.shutdownNow();
    }
}
