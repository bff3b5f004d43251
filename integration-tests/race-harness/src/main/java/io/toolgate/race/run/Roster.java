package io.toolgate.race.run;

import io.toolgate.race.fault.Failpoint;
import io.toolgate.race.history.HistoryFile;
import io.toolgate.race.racer.Work;
import io.toolgate.race.run.Member.Past;
import io.toolgate.race.run.Member.State;
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
 * What a crew knows of its members, all of it under one monitor: who has which place, what each has still to do, and what
 * went wrong. It tells nobody anything, so that nobody waits for a pipe with the lock. Safe for use by many threads.
 */
final class Roster {
    private final Path directory;
    private final int duplicates;
    private final Monitor monitor;

    // Guarded by the monitor, as are the members' fields.
    private final List<Member> members = new ArrayList<>();
    private final List<String> mishaps = new ArrayList<>();
    private @Nullable Ambush ambush;
    private boolean begun;
    private long pastCalls;

    /**
     * @param directory into which the members' histories are written
     * @param duplicates how many threads of each member call each key
     * @param patience after which without news a wait is given up
     */
    Roster(Path directory, int duplicates, Duration patience) {
        this.directory = directory;
        this.duplicates = duplicates;
        this.monitor = new Monitor(patience);
    }

    /** One life of a member. Race: the last words of one that was killed come when its successor has the place already. */
    record Life(Member member, int number, Path history) {
        boolean isPast() {
            return member.life != number;
        }
    }

    /** Work for a process. */
    record Order(Member member, @Nullable Child child, List<Work> work) {}

    /** Enters the next life of the place {@code process}, which is made if there is none. */
    Life nextLife(int process) {
        return monitor.get(() -> {
            Member member = members.stream()
                    .filter(one -> one.process == process)
                    .findFirst()
                    .orElse(null);
            if (member == null) {
                member = new Member(process);
                members.add(member);
            }
            Path history = directory.resolve("history-" + process + "-" + (member.life + 1) + ".jsonl");
            member.beginLife(history);
            monitor.news();
            return new Life(member, member.life, history);
        });
    }

    /** Enters the process of {@code life}; false if the crew was closed meanwhile, by somebody who did not see it. */
    boolean arrived(Life life, Child child) {
        return monitor.get(() -> {
            life.member().child = child;
            return !monitor.isClosed();
        });
    }

    void ready(Life life) {
        enter(life, () -> life.member().ready = true);
    }

    void through(Life life, int wave) {
        enter(life, () -> {
            List<String> unused = life.member().work.remove(wave);
        });
    }

    void calls(Life life, long calls) {
        monitor.run(() -> {
            // The same number again says that the process lives, not that it gets on.
            if (life.member().calls != calls) {
                enter(life, () -> life.member().calls = calls);
            }
        });
    }

    void ended(Life life, int status) {
        Child child = monitor.get(() -> life.member().child);
        String last = child == null ? "" : ": " + child.lastMessage();
        enter(life, () -> {
            Member member = life.member();
            member.exitStatus = status;
            if (member.state == State.KILLED) {
                return;
            }
            member.state = State.ENDED;
            if ((member.hasWork() || status != 0) && !monitor.isClosed()) {
                mishaps.add("process " + member.process + " ended with status " + status + last);
            }
            // Nobody will do it any more, and nobody is to wait for it.
            member.work.clear();
        });
    }

    private void enter(Life life, Runnable what) {
        monitor.run(() -> {
            if (!life.isPast()) {
                what.run();
                monitor.news();
            }
        });
    }

    /** The process to let go again of which a thread stands at {@code point}; null if it is the one that is waited for. */
    @Nullable
    Child stray(Life life, Failpoint point) {
        return monitor.get(() -> {
            boolean caught = life.isPast() || (ambush != null && ambush.catches(life.member(), point));
            return caught ? null : life.member().child;
        });
    }

    /** Whoever stands at a failpoint from now on is for {@code next} to catch, or stray if it is null. */
    void ambush(@Nullable Ambush next) {
        monitor.run(() -> ambush = next);
    }

    /** Adds to the work of all, and lets the race begin; returns what those that are at work already are to be told. */
    List<Order> add(Work more) {
        return monitor.get(() -> {
            begun = true;
            List<Order> orders = new ArrayList<>();
            for (Member member : members) {
                if (member.state != State.ENDED) {
                    member.work.put(more.wave(), more.keys());
                }
                if (member.state == State.RACING || member.state == State.FROZEN) {
                    orders.add(new Order(member, member.child, List.of(more)));
                }
            }
            return orders;
        });
    }

    /** Lets a member begin that is ready, if the race has begun; null if it may not, or has. */
    @Nullable
    Order begin(Member member) {
        return monitor.get(() -> {
            if (!begun || !member.ready || member.state != State.STARTING || member.child == null) {
                return null;
            }
            member.state = State.RACING;
            List<Work> work = new ArrayList<>();
            member.work.forEach((wave, keys) -> work.add(new Work(wave, keys)));
            return new Order(member, member.child, work);
        });
    }

    /** Changes a member's state, if it is in {@code from}; false if it is not. */
    boolean move(Member member, State from, State to) {
        return monitor.get(() -> {
            if (member.state != from) {
                return false;
            }
            member.state = to;
            monitor.news();
            return true;
        });
    }

    /** The history of a member that was just killed. */
    HistoryFile historyOf(Member killed) {
        return monitor.get(
                () -> new HistoryFile(killed.process, killed.life, Objects.requireNonNull(killed.history), true));
    }

    /** Closes the life of a member that was killed; of its work, what {@code answers} do not cover is left. */
    void bury(Member killed, Map<String, Integer> answers) {
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

    /** What a fault can be done to: racers at work, if few enough others are out of action. */
    List<Member> targets() {
        return monitor.get(() -> {
            long out = members.stream()
                    .filter(m -> m.state != State.RACING && m.state != State.ENDED)
                    .count();
            if (out >= Math.max(1, members.size() / 2)) {
                return List.of();
            }
            return members.stream()
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
        Optional<Order> missing = monitor.get(
                () -> members.stream().filter(m -> !m.ready).findFirst().map(m -> new Order(m, m.child, List.of())));
        if (missing.isPresent()) {
            Child child = missing.get().child();
            throw new IOException("process " + missing.get().member().process + " did not get ready"
                    + (known && child != null ? ": " + child.lastMessage() : " in time"));
        }
    }

    /** Waits until at most {@code count} members have work left; false if there was no news for too long. */
    boolean awaitBusy(int count, LongConsumer progress) throws InterruptedException {
        return monitor.await(
                () -> members.stream().filter(Member::hasWork).count() <= count,
                () -> progress.accept(monitor.get(this::calls)));
    }

    /** Waits until all have ended; false if there was no news for too long. */
    boolean awaitEnds() throws InterruptedException {
        return await(m -> m.exitStatus != null);
    }

    private boolean await(Predicate<Member> ofAll) throws InterruptedException {
        return monitor.await(() -> members.stream().allMatch(ofAll), () -> {});
    }

    private long calls() {
        return pastCalls + members.stream().mapToLong(m -> m.calls).sum();
    }

    /** Notes those that have not ended as hung. */
    void hung() {
        monitor.run(() -> {
            for (Member member : members) {
                if (member.exitStatus == null) {
                    mishaps.add("process " + member.process + " hung: nothing got on for "
                            + monitor.patience().toSeconds() + " s; " + member.work.size()
                            + " waves of its work are left");
                }
            }
        });
    }

    /** Notes something that nobody meant to go wrong. */
    void mishap(String what) {
        monitor.run(() -> mishaps.add(what));
    }

    /** What went wrong that nobody meant to go wrong. */
    List<String> mishaps() {
        return monitor.get(() -> List.copyOf(mishaps));
    }

    /** The files of all lives of all members. */
    List<HistoryFile> histories() {
        return monitor.get(
                () -> members.stream().flatMap(m -> m.histories().stream()).toList());
    }

    /** The processes that there are. */
    List<Order> all() {
        return monitor.get(() ->
                members.stream().map(m -> new Order(m, m.child, List.of())).toList());
    }

    /** Ends all waits, and lets nobody arrive any more; who has not ended by now will be ended. */
    void close() {
        monitor.run(() -> members.stream().filter(m -> m.exitStatus == null).forEach(m -> m.cut = true));
        monitor.close();
    }
}
