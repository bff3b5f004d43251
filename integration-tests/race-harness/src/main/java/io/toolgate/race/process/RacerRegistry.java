package io.toolgate.race.process;

import io.toolgate.race.fault.Failpoint;
import io.toolgate.race.history.HistoryFile;
import io.toolgate.race.process.RacerSlot.Past;
import io.toolgate.race.process.RacerSlot.State;
import io.toolgate.race.racer.Work;
import io.toolgate.support.process.Child;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.function.LongConsumer;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * The states of a group's slots under one monitor: the process of each, its unfinished work, and what went wrong. It
 * writes to no process, so that no thread blocks on a pipe while it holds the lock. Safe for use by many threads.
 */
final class RacerRegistry {
    private final Path directory;
    private final int duplicates;
    private final Monitor monitor;

    // Guarded by the monitor, as are the slots' fields.
    private final List<RacerSlot> slots = new ArrayList<>();
    private final List<String> mishaps = new ArrayList<>();
    private @Nullable FailpointTrap trap;
    private boolean begun;
    private long pastCalls;

    /**
     * @param directory for the racers' histories
     * @param duplicates how many threads of each racer call each key
     * @param timeout without progress after which a wait ends
     */
    RacerRegistry(Path directory, int duplicates, Duration timeout) {
        this.directory = directory;
        this.duplicates = duplicates;
        this.monitor = new Monitor(timeout);
    }

    /**
     * One process of a slot. Race: the last output of one that was killed arrives when its successor has the slot
     * already.
     */
    record Life(RacerSlot slot, int number, Path history) {
        boolean isPast() {
            return slot.life != number;
        }
    }

    /** Work to send to a process. */
    record Assignment(RacerSlot slot, @Nullable Child child, List<Work> work) {}

    /** Begins the next life of the slot {@code process}, which is made if there is none. */
    Life nextLife(int process) {
        return monitor.get(() -> {
            RacerSlot slot = slots.stream()
                    .filter(one -> one.process == process)
                    .findFirst()
                    .orElse(null);
            if (slot == null) {
                slot = new RacerSlot(process);
                slots.add(slot);
            }
            Path history = directory.resolve("history-" + process + "-" + (slot.life + 1) + ".jsonl");
            slot.beginLife(history);
            monitor.progress();
            return new Life(slot, slot.life, history);
        });
    }

    /** Records the process of {@code life}; false if the group was closed meanwhile by a thread that did not see it. */
    boolean arrived(Life life, Child child) {
        return monitor.get(() -> {
            life.slot().child = child;
            return !monitor.isClosed();
        });
    }

    void ready(Life life) {
        enter(life, () -> life.slot().ready = true);
    }

    void through(Life life, int wave) {
        enter(life, () -> {
            List<String> unused = life.slot().work.remove(wave);
        });
    }

    void calls(Life life, long calls) {
        monitor.run(() -> {
            // The same number again shows that the process is alive, not that it makes progress.
            if (life.slot().calls != calls) {
                enter(life, () -> life.slot().calls = calls);
            }
        });
    }

    void ended(Life life, int status) {
        Child child = monitor.get(() -> life.slot().child);
        String last = child == null ? "" : ": " + child.lastMessage();
        enter(life, () -> {
            RacerSlot slot = life.slot();
            slot.exitStatus = status;
            if (slot.state == State.KILLED) {
                return;
            }
            slot.state = State.ENDED;
            if ((slot.hasWork() || status != 0) && !monitor.isClosed()) {
                mishaps.add("process " + slot.process + " ended with status " + status + last);
            }
            // No process will do it any more, and no thread shall wait for it.
            slot.work.clear();
        });
    }

    private void enter(Life life, Runnable what) {
        monitor.run(() -> {
            if (!life.isPast()) {
                what.run();
                monitor.progress();
            }
        });
    }

    /** The process to resume, of which a thread stands at {@code point}; null if it is the trapped one. */
    @Nullable
    Child toResume(Life life, Failpoint point) {
        return monitor.get(() -> {
            boolean caught = life.isPast() || (trap != null && trap.catches(life.slot(), point));
            return caught ? null : life.slot().child;
        });
    }

    /** Sets the trap for racers that reach a failpoint from now on; with null, all are resumed. */
    void trap(@Nullable FailpointTrap next) {
        monitor.run(() -> trap = next);
    }

    /** Adds work to all slots and begins the race; returns what to send to those at work already. */
    List<Assignment> add(Work more) {
        return monitor.get(() -> {
            begun = true;
            List<Assignment> assignments = new ArrayList<>();
            for (RacerSlot slot : slots) {
                if (slot.state != State.ENDED) {
                    slot.work.put(more.wave(), more.keys());
                }
                if (slot.state == State.RACING || slot.state == State.FROZEN) {
                    assignments.add(new Assignment(slot, slot.child, List.of(more)));
                }
            }
            return assignments;
        });
    }

    /** Begins a slot that is ready, if the race has begun; null if it may not begin, or has. */
    @Nullable
    Assignment begin(RacerSlot slot) {
        return monitor.get(() -> {
            if (!begun || !slot.ready || slot.state != State.STARTING || slot.child == null) {
                return null;
            }
            slot.state = State.RACING;
            List<Work> work = new ArrayList<>();
            slot.work.forEach((wave, keys) -> work.add(new Work(wave, keys)));
            return new Assignment(slot, slot.child, work);
        });
    }

    /** Changes a slot's state, if it is in {@code from}; false if it is not. */
    boolean move(RacerSlot slot, State from, State to) {
        return monitor.get(() -> {
            if (slot.state != from) {
                return false;
            }
            slot.state = to;
            monitor.progress();
            return true;
        });
    }

    /** The history of the process that was just killed. */
    HistoryFile historyOf(RacerSlot killed) {
        return monitor.get(
                () -> new HistoryFile(killed.process, killed.life, Objects.requireNonNull(killed.history), true));
    }

    /** Ends the life of a killed process; work that {@code answers} do not cover stays for its successor. */
    void endLife(RacerSlot killed, Map<String, Integer> answers) {
        monitor.run(() -> {
            killed.past.add(new Past(killed.life, Objects.requireNonNull(killed.history), true));
            killed.history = null;
            pastCalls += killed.calls;
            killed.calls = 0;
            answers.forEach((key, count) -> killed.answered.merge(key, count, Integer::sum));
            killed.work.replaceAll((wave, keys) -> keys.stream()
                    .filter(key -> killed.answered.getOrDefault(key, 0) < duplicates)
                    .toList());
        });
    }

    /** The racers that can get a fault: those at work, if few enough others are out of action. */
    List<RacerSlot> targets() {
        return monitor.get(() -> {
            long out = slots.stream()
                    .filter(m -> m.state != State.RACING && m.state != State.ENDED)
                    .count();
            if (out >= Math.max(1, slots.size() / 2)) {
                return List.of();
            }
            return slots.stream()
                    .filter(m -> m.state == State.RACING && m.hasWork())
                    .toList();
        });
    }

    /**
     * Waits until all are ready.
     *
     * @throws IOException if one is not, with its reason
     */
    void awaitReady() throws IOException, InterruptedException {
        boolean known = await(m -> m.ready || m.exitStatus != null);
        Optional<Assignment> missing = monitor.get(
                () -> slots.stream().filter(m -> !m.ready).findFirst().map(m -> new Assignment(m, m.child, List.of())));
        if (missing.isPresent()) {
            Child child = missing.get().child();
            throw new IOException("process " + missing.get().slot().process + " did not become ready"
                    + (known && child != null ? ": " + child.lastMessage() : " in time"));
        }
    }

    /** Waits until at most {@code count} slots have work left; false if there was no progress for too long. */
    boolean awaitBusy(int count, LongConsumer progress) throws InterruptedException {
        return monitor.await(
                () -> slots.stream().filter(RacerSlot::hasWork).count() <= count,
                () -> progress.accept(monitor.get(this::calls)));
    }

    /** Waits until all have ended; false if there was no progress for too long. */
    boolean awaitEnds() throws InterruptedException {
        return await(m -> m.exitStatus != null);
    }

    private boolean await(Predicate<RacerSlot> ofAll) throws InterruptedException {
        return monitor.await(() -> slots.stream().allMatch(ofAll), () -> {});
    }

    private long calls() {
        return pastCalls + slots.stream().mapToLong(m -> m.calls).sum();
    }

    /** Records the racers that have not ended as hung. */
    void hung() {
        monitor.run(() -> {
            for (RacerSlot slot : slots) {
                if (slot.exitStatus == null) {
                    mishaps.add("process " + slot.process + " hung: no progress for "
                            + monitor.timeout().toSeconds() + " s; " + slot.work.size()
                            + " waves of its work are left");
                }
            }
        });
    }

    /** Records something that went wrong without being intended. */
    void mishap(String what) {
        monitor.run(() -> mishaps.add(what));
    }

    /** Everything that went wrong without being intended. */
    List<String> mishaps() {
        return monitor.get(() -> List.copyOf(mishaps));
    }

    /** The files of all lives of all slots. */
    List<HistoryFile> histories() {
        return monitor.get(
                () -> slots.stream().flatMap(m -> m.histories().stream()).toList());
    }

    /** All slots with their processes. */
    List<Assignment> all() {
        return monitor.get(() ->
                slots.stream().map(m -> new Assignment(m, m.child, List.of())).toList());
    }

    /** Ends all waits and admits no further process; those that have not ended yet count as cut by the harness. */
    void close() {
        monitor.run(() -> slots.stream().filter(m -> m.exitStatus == null).forEach(m -> m.cut = true));
        monitor.close();
    }
}
