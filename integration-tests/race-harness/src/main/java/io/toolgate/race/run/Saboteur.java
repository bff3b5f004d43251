package io.toolgate.race.run;

import io.toolgate.race.fault.Failpoint;
import io.toolgate.race.fault.Fault;
import io.toolgate.race.fault.FaultPlan;
import io.toolgate.race.fault.Signals;
import io.toolgate.race.history.Deed;
import io.toolgate.race.racer.RacerMain;
import io.toolgate.race.run.Member.State;
import io.toolgate.support.Messages;
import io.toolgate.support.process.Child;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * Brings the faults of a plan about, one after the other. Every signal has taken effect when its deed is written down. A fault
 * for which there is no process to meet, because too many are out of action already or because none comes by its failpoint,
 * waits: none is left out.
 *
 * <p>While a race is on, nobody else gives a member another process, and a frozen one gets none: so what a member's process
 * is can be read here without the roster's monitor.
 */
final class Saboteur implements AutoCloseable {
    private static final Duration AMBUSH = Duration.ofSeconds(2);
    private static final Duration PATIENCE = Duration.ofSeconds(30);
    private static final long SOON_MILLIS = 20;

    private final FaultPlan plan;
    private final Crew crew;
    private final Clocks clocks;
    private final DeedLog deeds;
    private final long everyMillis;
    private final long leaseMillis;
    private final ScheduledThreadPoolExecutor threads = new ScheduledThreadPoolExecutor(2, task -> {
        Thread thread = new Thread(task, "saboteur");
        thread.setDaemon(true);
        return thread;
    });
    private final CountDownLatch stopped = new CountDownLatch(1);
    // Who takes a frozen process out of this queue thaws it: its time, or the end of all faults, whichever is first.
    private final ReentrantLock lock = new ReentrantLock();
    private final Deque<Frozen> frozen = new ArrayDeque<>();
    private @Nullable Future<?> work;

    Saboteur(FaultPlan plan, Crew crew, Clocks clocks, DeedLog deeds, long everyMillis, long leaseMillis) {
        this.plan = plan;
        this.crew = crew;
        this.clocks = clocks;
        this.deeds = deeds;
        this.everyMillis = everyMillis;
        this.leaseMillis = leaseMillis;
        threads.setExecuteExistingDelayedTasksAfterShutdownPolicy(false);
    }

    private record Frozen(Member member, Child child) {}

    /** Begins, if there is anything to do. */
    void start() {
        if (!plan.isEmpty()) {
            work = threads.submit(() -> orMishap(this::work));
        }
    }

    /** Lets the fault that is under way end, thaws what is frozen, and does no more. */
    void stop() throws InterruptedException {
        stopped.countDown();
        if (work != null) {
            try {
                work.get();
            } catch (ExecutionException e) {
                throw new IllegalStateException(e);
            }
        }
        for (Frozen next = take(null); next != null; next = take(null)) {
            Frozen one = next;
            orMishap(() -> thaw(one));
        }
        // What its time has come for is being thawed by another thread, which must not be interrupted.
        threads.shutdown();
        if (!threads.awaitTermination(PATIENCE.toMillis(), TimeUnit.MILLISECONDS)) {
            crew.mishap("the harness could not let its processes go on in time");
        }
        deeds.add(new Deed.Calmed(System.nanoTime()));
    }

    private interface Doing {
        void run() throws IOException, InterruptedException;
    }

    /** A fault that could not be brought about is no verdict on the runtime, and must not go unseen. */
    private void orMishap(Doing doing) {
        try {
            doing.run();
        } catch (IOException | RuntimeException e) {
            crew.mishap("the harness could not disturb its processes: " + Messages.oneLine(e));
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private void work() throws InterruptedException, IOException {
        while (true) {
            Fault fault = plan.next();
            long pauseMillis = plan.pauseMillis(everyMillis);
            do {
                if (stopped.await(pauseMillis, TimeUnit.MILLISECONDS)) {
                    return;
                }
                pauseMillis = SOON_MILLIS;
            } while (!isDone(fault));
        }
    }

    private boolean isDone(Fault fault) throws InterruptedException, IOException {
        List<Member> targets = crew.targets();
        if (targets.isEmpty()) {
            return false;
        }
        Failpoint point = fault.point();
        Member target = point == null ? targets.get(plan.choice(targets.size())) : crew.ambush(point, targets, AMBUSH);
        if (target == null) {
            return false;
        }
        return switch (fault.kind()) {
            case KILL -> kill(target, point);
            case FREEZE -> freeze(target, point);
            case CLOCK -> reclock(target);
        };
    }

    private boolean kill(Member target, @Nullable Failpoint point) throws IOException, InterruptedException {
        Child child = target.child;
        if (child == null || !crew.move(target, State.RACING, State.KILLED)) {
            return false;
        }
        Signals.Sent signal = Signals.kill(child);
        deeds.add(
                new Deed.Killed(signal.effectiveNanos(), target.process, target.life, signal.sentNanos(), text(point)));
        clocks.tidyUpAfter(child);
        crew.killed(target);
        crew.start(target.process);
        return true;
    }

    private boolean freeze(Member target, @Nullable Failpoint point) throws IOException, InterruptedException {
        Child child = target.child;
        if (child == null || !crew.move(target, State.RACING, State.FROZEN)) {
            return false;
        }
        Signals.Sent signal = Signals.freeze(child);
        deeds.add(
                new Deed.Frozen(signal.effectiveNanos(), target.process, target.life, signal.sentNanos(), text(point)));
        Frozen one = new Frozen(target, child);
        lock.lock();
        try {
            frozen.add(one);
        } finally {
            lock.unlock();
        }
        Future<?> unused = threads.schedule(
                () -> orMishap(() -> {
                    if (take(one) != null) {
                        thaw(one);
                    }
                }),
                plan.freezeMillis(leaseMillis),
                TimeUnit.MILLISECONDS);
        return true;
    }

    private static @Nullable String text(@Nullable Failpoint point) {
        return point == null ? null : point.text();
    }

    /** Takes {@code wanted}, or any if it is null, out of the frozen; null if it is not there. */
    private @Nullable Frozen take(@Nullable Frozen wanted) {
        lock.lock();
        try {
            if (wanted == null) {
                return frozen.poll();
            }
            return frozen.remove(wanted) ? wanted : null;
        } finally {
            lock.unlock();
        }
    }

    private void thaw(Frozen one) throws IOException, InterruptedException {
        Signals.Sent signal = Signals.thaw(one.child());
        // Not before: who gives it work may be waiting in its full pipe. It stands nowhere if no failpoint stopped it.
        one.member().tell(one.child(), RacerMain.RESUME);
        deeds.add(new Deed.Thawed(signal.effectiveNanos(), one.member().process, one.member().life));
        boolean unused = crew.move(one.member(), State.FROZEN, State.RACING);
    }

    private boolean reclock(Member target) throws IOException {
        long offsetMillis = plan.offsetMillis();
        clocks.set(target.process, offsetMillis);
        deeds.add(new Deed.Reclocked(System.nanoTime(), target.process, target.life, offsetMillis));
        return true;
    }

    @Override
    public void close() {
        stopped.countDown();
        threads.shutdownNow();
    }
}
