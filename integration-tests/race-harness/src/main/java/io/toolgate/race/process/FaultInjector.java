package io.toolgate.race.process;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import io.toolgate.race.fault.Failpoint;
import io.toolgate.race.fault.Fault;
import io.toolgate.race.fault.FaultPlan;
import io.toolgate.race.fault.Signals;
import io.toolgate.race.history.Deed;
import io.toolgate.race.process.RacerSlot.State;
import io.toolgate.race.racer.RacerMain;
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
 * Injects the faults of a plan, one after the other. Every signal has taken effect when its deed is logged. A fault
 * waits while no process can get it, because too many are out of action or none reaches its failpoint; none is
 * skipped.
 *
 * <p>During a race only this class gives a slot another process, and never to a frozen one: so it may read a slot's
 * process without the registry's monitor.
 */
public final class FaultInjector implements AutoCloseable {
    private static final Duration TRAP_TIMEOUT = Duration.ofSeconds(2);
    private static final Duration STOP_TIMEOUT = Duration.ofSeconds(30);
    private static final long RETRY_MILLIS = 20;

    private final FaultPlan plan;
    private final RacerGroup group;
    private final RacerClocks clocks;
    private final DeedLog deeds;
    private final long everyMillis;
    private final long leaseMillis;
    private final ScheduledThreadPoolExecutor threads = new ScheduledThreadPoolExecutor(2, task -> {
        Thread thread = new Thread(task, "fault-injector");
        thread.setDaemon(true);
        return thread;
    });
    private final CountDownLatch stopped = new CountDownLatch(1);
    private final ReentrantLock lock = new ReentrantLock();

    // Race: the end of its freeze and the end of all faults. The thread that takes a process out of this queue thaws
    // it.
    @GuardedBy("lock")
    private final Deque<Frozen> frozen = new ArrayDeque<>();

    private @Nullable Future<?> work;

    /** An injector for {@code plan}. */
    public FaultInjector(
            FaultPlan plan, RacerGroup group, RacerClocks clocks, DeedLog deeds, long everyMillis, long leaseMillis) {
        this.plan = plan;
        this.group = group;
        this.clocks = clocks;
        this.deeds = deeds;
        this.everyMillis = everyMillis;
        this.leaseMillis = leaseMillis;
        threads.setExecuteExistingDelayedTasksAfterShutdownPolicy(false);
    }

    private record Frozen(RacerSlot slot, Child child) {}

    /** Begins, unless the plan is empty. */
    public void start() {
        if (!plan.isEmpty()) {
            work = threads.submit(() -> orMishap(this::work));
        }
    }

    /** Completes the fault under way, thaws frozen processes, and injects no more. */
    public void stop() throws InterruptedException {
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
        // Another thread may be thawing a process whose freeze is over; it must not be interrupted.
        threads.shutdown();
        if (!threads.awaitTermination(STOP_TIMEOUT.toMillis(), TimeUnit.MILLISECONDS)) {
            group.mishap("frozen processes could not be thawed in time");
        }
        deeds.add(new Deed.Calmed(System.nanoTime()));
    }

    private interface Work {
        void run() throws IOException, InterruptedException;
    }

    /** A fault that could not be injected says nothing about the runtime, and must not go unnoticed. */
    private void orMishap(Work work) {
        try {
            work.run();
        } catch (IOException | RuntimeException e) {
            group.mishap("a fault could not be injected: " + Messages.oneLine(e));
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
                pauseMillis = RETRY_MILLIS;
            } while (!isInjected(fault));
        }
    }

    private boolean isInjected(Fault fault) throws InterruptedException, IOException {
        List<RacerSlot> targets = group.targets();
        if (targets.isEmpty()) {
            return false;
        }
        Failpoint point = fault.point();
        RacerSlot target =
                point == null ? targets.get(plan.choice(targets.size())) : group.trap(point, targets, TRAP_TIMEOUT);
        if (target == null) {
            return false;
        }
        return switch (fault.kind()) {
            case KILL -> kill(target, point);
            case FREEZE -> freeze(target, point);
            case CLOCK -> reclock(target);
        };
    }

    private boolean kill(RacerSlot target, @Nullable Failpoint point) throws IOException, InterruptedException {
        Child child = target.child;
        if (child == null || !group.move(target, State.RACING, State.KILLED)) {
            return false;
        }
        Signals.Sent signal = Signals.kill(child);
        deeds.add(
                new Deed.Killed(signal.effectiveNanos(), target.process, target.life, signal.sentNanos(), text(point)));
        clocks.removeFilesOf(child);
        group.killed(target);
        group.start(target.process);
        return true;
    }

    private boolean freeze(RacerSlot target, @Nullable Failpoint point) throws IOException, InterruptedException {
        Child child = target.child;
        if (child == null || !group.move(target, State.RACING, State.FROZEN)) {
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

    /** Takes {@code wanted}, or any if it is null, out of the queue; null if it is not there. */
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
        // Only now: while it is frozen, a thread that sends it work may block on its full pipe.
        one.slot().send(one.child(), RacerMain.RESUME);
        deeds.add(new Deed.Thawed(signal.effectiveNanos(), one.slot().process, one.slot().life));
        boolean unused = group.move(one.slot(), State.FROZEN, State.RACING);
    }

    private boolean reclock(RacerSlot target) throws IOException {
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
