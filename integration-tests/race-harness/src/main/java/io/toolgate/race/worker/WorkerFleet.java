package io.toolgate.race.worker;

import io.toolgate.race.Json;
import io.toolgate.race.process.Child;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.LongConsumer;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * The workers of a run, as their parent sees them: starts them, holds them at a barrier until all are ready, lets them go at
 * once, and waits for their ends. A wait goes on as long as there is news, and no longer. Safe for use by many threads.
 */
public final class WorkerFleet implements AutoCloseable {
    private static final long TICK_NANOS = TimeUnit.SECONDS.toNanos(1);

    private final Duration patience;
    private final ReentrantLock lock = new ReentrantLock();
    private final Condition changed = lock.newCondition();

    // Guarded by lock.
    private final List<Member> members = new ArrayList<>();
    private long news;
    private long lastNewsNanos = System.nanoTime();
    private long goNanos;
    private long lastDoneNanos;
    private boolean closed;

    /** A fleet that is given up after {@code patience} without any news from any worker. */
    public WorkerFleet(Duration patience) {
        this.patience = patience;
    }

    private record Member(int number, Child child, Heard heard) {}

    /** A member at one moment. */
    private record Seen(
            Member member,
            boolean ready,
            long calls,
            @Nullable Integer exitStatus) {
        boolean hasEnded() {
            return exitStatus != null;
        }
    }

    /** All members at the moment when there had been {@code news} pieces of news, the last one at {@code newsNanos}. */
    private record Sight(List<Seen> all, long news, long newsNanos) {
        long calls() {
            return all.stream().mapToLong(Seen::calls).sum();
        }
    }

    /** What a worker said so far. Guarded by the fleet's lock. */
    private final class Heard implements Child.Listener {
        private boolean ready;
        private long calls;
        private @Nullable Integer exitStatus;

        @Override
        public void said(String line) {
            lock.lock();
            try {
                if (line.equals(WorkerMain.READY)) {
                    ready = true;
                    news();
                } else if (line.equals(WorkerMain.DONE)) {
                    lastDoneNanos = System.nanoTime();
                    news();
                } else if (line.startsWith(WorkerMain.CALLS)) {
                    long now = Long.parseLong(line.substring(WorkerMain.CALLS.length()));
                    // The same number again says that the process lives, not that it gets on.
                    if (now != calls) {
                        calls = now;
                        news();
                    }
                }
            } finally {
                lock.unlock();
            }
        }

        @Override
        public void ended(int status) {
            lock.lock();
            try {
                exitStatus = status;
                news();
            } finally {
                lock.unlock();
            }
        }

        private void news() {
            news++;
            lastNewsNanos = System.nanoTime();
            changed.signalAll();
        }
    }

    /**
     * Starts one more worker.
     *
     * @param command that makes this program a worker
     * @param log where its complaints go
     */
    public void start(List<String> command, WorkerPlan plan, Path log) throws IOException {
        Heard heard = new Heard();
        Child child = Child.start("process-" + plan.number(), command, log, heard);
        if (!add(new Member(plan.number(), child, heard))) {
            // Race: Ctrl-C while workers are being started. Who closed the fleet did not see this one.
            child.close();
            throw new IOException("the run was stopped");
        }
        tell(child, Json.line(plan));
    }

    private boolean add(Member member) {
        lock.lock();
        try {
            if (!closed) {
                members.add(member);
                lastNewsNanos = System.nanoTime();
            }
            return !closed;
        } finally {
            lock.unlock();
        }
    }

    /**
     * Waits until all are ready.
     *
     * @throws IOException if one is not, with its reason
     */
    public void awaitReady() throws IOException, InterruptedException {
        for (Seen worker : await(seen -> seen.ready() || seen.hasEnded(), calls -> {})) {
            if (!worker.ready()) {
                throw new IOException("process " + worker.member().number() + " did not get ready"
                        + (worker.hasEnded() ? ": " + worker.member().child().lastWords() : " in time"));
            }
        }
    }

    /** Lets all begin. */
    public void go() {
        lock.lock();
        try {
            goNanos = System.nanoTime();
            lastDoneNanos = goNanos;
        } finally {
            lock.unlock();
        }
        for (Seen worker : look().all()) {
            tell(worker.member().child(), "go");
        }
    }

    /**
     * Waits until all have ended, and ends those of which there is no news any more.
     *
     * @param progress is told, once a second, how many calls are over
     * @return what went wrong, in words; empty if all ended well
     */
    public List<String> awaitEnd(LongConsumer progress) throws InterruptedException {
        List<String> mishaps = new ArrayList<>();
        for (Seen worker : await(Seen::hasEnded, progress)) {
            String name = "process " + worker.member().number();
            Integer status = worker.exitStatus();
            if (status == null) {
                mishaps.add(name + " hung: nothing got on for " + patience.toSeconds() + " s");
            } else if (status != 0) {
                mishaps.add(name + " ended with status " + status + ": "
                        + worker.member().child().lastWords());
            }
        }
        close();
        return mishaps;
    }

    /** How long it took from the start to the last call of the last worker that came to its end. */
    public Duration raced() {
        lock.lock();
        try {
            return Duration.ofNanos(lastDoneNanos - goNanos);
        } finally {
            lock.unlock();
        }
    }

    /** Waits until {@code what} is true of all, or there is no news any more. */
    private List<Seen> await(Predicate<Seen> what, LongConsumer progress) throws InterruptedException {
        long tickAt = System.nanoTime() + TICK_NANOS;
        while (true) {
            Sight sight = look();
            long now = System.nanoTime();
            if (sight.all().stream().allMatch(what) || now - sight.newsNanos() > patience.toNanos()) {
                return sight.all();
            }
            if (now - tickAt >= 0) {
                tickAt = now + TICK_NANOS;
                progress.accept(sight.calls());
            }
            awaitNews(sight, tickAt - now);
        }
    }

    private void awaitNews(Sight since, long nanos) throws InterruptedException {
        long left = nanos;
        lock.lock();
        try {
            while (news == since.news() && left > 0) {
                left = changed.awaitNanos(left);
            }
        } finally {
            lock.unlock();
        }
    }

    private Sight look() {
        lock.lock();
        try {
            List<Seen> all = members.stream()
                    .map(m -> new Seen(m, m.heard.ready, m.heard.calls, m.heard.exitStatus))
                    .toList();
            return new Sight(all, news, lastNewsNanos);
        } finally {
            lock.unlock();
        }
    }

    /** A worker that cannot be told anything has ended, and its end is found by whoever waits for it. */
    private static void tell(Child child, String line) {
        try {
            child.send(line);
        } catch (IOException e) {
            // Found by awaitReady() or awaitEnd().
        }
    }

    /** Ends all at once, and lets nobody start any more. */
    @Override
    public void close() {
        lock.lock();
        try {
            closed = true;
        } finally {
            lock.unlock();
        }
        for (Seen worker : look().all()) {
            worker.member().child().close();
        }
    }
}
