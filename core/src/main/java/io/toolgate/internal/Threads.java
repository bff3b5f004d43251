package io.toolgate.internal;

import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;

/** Makes the gate's threads: daemons, named after what they do. */
final class Threads {
    private Threads() {}

    static Thread daemon(String what, Runnable task) {
        Thread thread = new Thread(task, "toolgate-" + what);
        thread.setDaemon(true);
        return thread;
    }

    /** A pool of at most {@code size} threads that end when idle, with an unbounded queue. */
    static ThreadPoolExecutor pool(String what, int size) {
        AtomicInteger number = new AtomicInteger();
        ThreadPoolExecutor pool = new ThreadPoolExecutor(
                size,
                size,
                10,
                TimeUnit.SECONDS,
                new LinkedBlockingQueue<>(),
                task -> daemon(what + "-" + number.incrementAndGet(), task));
        pool.allowCoreThreadTimeOut(true);
        return pool;
    }
}
