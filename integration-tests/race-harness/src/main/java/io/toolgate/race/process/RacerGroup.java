package io.toolgate.race.process;

import io.toolgate.race.fault.Failpoint;
import io.toolgate.race.history.Deed;
import io.toolgate.race.history.Event;
import io.toolgate.race.history.Histories;
import io.toolgate.race.history.HistoryFile;
import io.toolgate.race.process.RacerRegistry.Assignment;
import io.toolgate.race.process.RacerRegistry.Life;
import io.toolgate.race.process.RacerSlot.State;
import io.toolgate.race.racer.RacerMain;
import io.toolgate.race.racer.Work;
import io.toolgate.support.Json;
import io.toolgate.support.process.Child;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.LongConsumer;
import org.jspecify.annotations.Nullable;

/**
 * The racer processes of a run, seen from their parent: starts them, holds them at a barrier, sends them work, and
 * replaces one that was killed. Their states are in the {@link RacerRegistry}. Safe for use by many threads.
 */
public final class RacerGroup implements AutoCloseable {
    /** Starts the process for a slot and life. */
    public interface Starter {
        /** Starts it; {@code listener} receives its output. */
        Child start(int process, int life, Path history, Child.Listener listener) throws IOException;
    }

    private final Starter starter;
    private final DeedLog deeds;
    private final RacerRegistry registry;

    /**
     * A group whose histories are written into {@code directory}.
     *
     * @param duplicates how many threads of each racer call each key
     * @param timeout without progress after which a wait ends
     */
    public RacerGroup(Starter starter, Path directory, int duplicates, Duration timeout, DeedLog deeds) {
        this.starter = starter;
        this.deeds = deeds;
        this.registry = new RacerRegistry(directory, duplicates, timeout);
    }

    /** Starts the next process of the slot {@code process}, which is made if there is none. */
    public void start(int process) throws IOException {
        Life life = registry.nextLife(process);
        Child child = starter.start(process, life.number(), life.history(), new RacerOutput(this, registry, life));
        if (!registry.arrived(life, child)) {
            // Race: Ctrl-C while racers are being started; the thread that closed the group did not see this one.
            child.close();
            throw new IOException("the run was stopped");
        }
        deeds.add(new Deed.Spawned(
                System.nanoTime(), process, life.number(), child.handle().pid()));
        // Its "ready" may have come before the registry knew the process.
        beginIfReady(life.slot());
    }

    /** Sends a racer its work if it is ready and the race has begun. */
    void beginIfReady(RacerSlot slot) {
        Assignment assignment = registry.begin(slot);
        if (assignment != null) {
            send(assignment);
        }
    }

    private static void send(Assignment assignment) {
        for (Work work : assignment.work()) {
            assignment.slot().send(assignment.child(), RacerMain.WORK + Json.line(work));
        }
    }

    /**
     * Waits until all are ready.
     *
     * @throws IOException if one is not, with its reason
     */
    public void awaitReady() throws IOException, InterruptedException {
        registry.awaitReady();
    }

    /** Sends all racers more work; the first call lets all begin at once. */
    public void send(Work more) {
        registry.add(more).forEach(RacerGroup::send);
        registry.all().forEach(one -> beginIfReady(one.slot()));
    }

    /** Waits until at most {@code count} racers have work left; false if there was no progress for too long. */
    public boolean awaitBusy(int count, LongConsumer progress) throws InterruptedException {
        return registry.awaitBusy(count, progress);
    }

    /** Orders all racers to end, waits for it, and kills those that do not. */
    public void end() throws InterruptedException {
        registry.all().forEach(one -> one.slot().send(one.child(), RacerMain.END));
        if (!registry.awaitEnds()) {
            registry.hung();
        }
        close();
    }

    /** Records the racers that have not ended as hung. */
    public void hung() {
        registry.hung();
    }

    /** The racers that can get a fault: those at work, if few enough others are out of action. */
    List<RacerSlot> targets() {
        return registry.targets();
    }

    /** Waits until a thread of one of {@code targets} reaches {@code point}; null if none did in time. */
    @Nullable
    RacerSlot trap(Failpoint point, List<RacerSlot> targets, Duration time) throws InterruptedException {
        FailpointTrap trap = new FailpointTrap(point);
        registry.trap(trap);
        List<Assignment> armed = registry.all().stream()
                .filter(one -> targets.contains(one.slot()))
                .toList();
        armed.forEach(one -> one.slot().send(one.child(), RacerMain.ARM + point.text()));
        RacerSlot caught = trap.await(time);
        registry.trap(null);
        armed.stream()
                .filter(one -> one.slot() != caught)
                .forEach(one -> one.slot().send(one.child(), RacerMain.DISARM));
        return caught;
    }

    /** Records that the process of {@code slot} was killed, and its unfinished work. */
    void killed(RacerSlot slot) throws IOException {
        HistoryFile file = registry.historyOf(slot);
        Map<String, Integer> answers = new HashMap<>();
        Histories.read(file, line -> {
            if (line.event() instanceof Event.Answered answered) {
                answers.merge(answered.key(), 1, Integer::sum);
            }
        });
        registry.endLife(slot, answers);
    }

    /** Changes a slot's state, if it is in {@code from}; false if it is not. */
    boolean move(RacerSlot slot, State from, State to) {
        return registry.move(slot, from, to);
    }

    /** The files of all lives of all slots. */
    public List<HistoryFile> histories() {
        return registry.histories();
    }

    /** Records something that went wrong without being intended. */
    void mishap(String what) {
        registry.mishap(what);
    }

    /** Everything that went wrong without being intended. */
    public List<String> mishaps() {
        return registry.mishaps();
    }

    /** Kills all racers; none can be started any more. */
    @Override
    public void close() {
        registry.close();
        for (Assignment one : registry.all()) {
            Child child = one.child();
            if (child != null) {
                child.close();
            }
        }
    }
}
