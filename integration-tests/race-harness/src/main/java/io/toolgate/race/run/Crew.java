package io.toolgate.race.run;

import io.toolgate.race.Json;
import io.toolgate.race.fault.Failpoint;
import io.toolgate.race.history.Deed;
import io.toolgate.race.history.Event;
import io.toolgate.race.history.Histories;
import io.toolgate.race.history.HistoryFile;
import io.toolgate.race.process.Child;
import io.toolgate.race.racer.RacerMain;
import io.toolgate.race.racer.Work;
import io.toolgate.race.run.Member.Past;
import io.toolgate.race.run.Member.State;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.BooleanSupplier;
import java.util.function.LongConsumer;
import org.jspecify.annotations.Nullable;

/**
 * The racers of a run, as their parent sees them: starts them, holds them at a barrier, gives them work, and puts another
 * process in the place of one that was killed. Waits go on as long as there is news, and no longer. Safe for use by many
 * threads.
 */
final class Crew implements AutoCloseable {
    /** Starts the process for a place and life. */
    interface Starter {
        Child start(int process, int life, Path history, Child.Listener listener) throws IOException;
    }

    private static final long TICK_NANOS = TimeUnit.SECONDS.toNanos(1);

    private final Starter starter;
    private final Path directory;
    private final int duplicates;
    private final Duration patience;
    private final DeedLog deeds;
    private final ReentrantLock lock = new ReentrantLock();
    private final Condition changed = lock.newCondition();

    // Guarded by lock.
    private final List<Member> members = new ArrayList<>();
    private final List<String> mishaps = new ArrayList<>();
    private @Nullable Ambush ambush;
    private boolean gone;
    private boolean closed;
    private long lastNewsNanos = System.nanoTime();
    private long pastCalls;

    /**
     * A crew whose histories are written into {@code directory}.
     *
     * @param duplicates how many threads of each racer call each key
     * @param patience after which without news a wait is given up
     */
    Crew(Starter starter, Path directory, int duplicates, Duration patience, DeedLog deeds) {
        this.starter = starter;
        this.directory = directory;
        this.duplicates = duplicates;
        this.patience = patience;
        this.deeds = deeds;
    }

    /** A failpoint that all racers are armed with, and the first one that came by. Guarded by the crew's lock. */
    private static final class Ambush {
        final Failpoint point;

        @Nullable
        Member caught;

        Ambush(Failpoint point) {
            this.point = point;
        }
    }

    /** Hears what one life of a member says. */
    private final class Heard implements Child.Listener {
        private final Member member;
        private final int life;

        Heard(Member member, int life) {
            this.member = member;
            this.life = life;
        }

        @Override
        public void said(String line) {
            Child stray = null;
            lock.lock();
            try {
                if (isPast()) {
                    return;
                }
                if (line.equals(RacerMain.READY)) {
                    member.ready = true;
                    news();
                } else if (line.startsWith(RacerMain.THROUGH)) {
                    var unused = member.work.remove(Integer.parseInt(line.substring(RacerMain.THROUGH.length())));
                    news();
                } else if (line.startsWith(RacerMain.CALLS)) {
                    long now = Long.parseLong(line.substring(RacerMain.CALLS.length()));
                    // The same number again says that the process lives, not that it gets on.
                    if (now != member.calls) {
                        member.calls = now;
                        news();
                    }
                } else if (line.startsWith(RacerMain.AT)) {
                    stray = stoodAt(member, Failpoint.of(line.substring(RacerMain.AT.length())));
                    news();
                }
            } finally {
                lock.unlock();
            }
            member.tell(stray, RacerMain.RESUME);
            if (line.equals(RacerMain.READY)) {
                giveWork(member);
            }
        }

        @Override
        public void ended(int status) {
            lock.lock();
            try {
                if (isPast()) {
                    return;
                }
                member.exitStatus = status;
                if (member.state != State.KILLED) {
                    if (member.hasWork() || status != 0) {
                        String last = member.child == null ? "" : ": " + member.child.lastWords();
                        mishaps.add("process " + member.process + " ended with status " + status + last);
                        member.work.clear();
                    }
                    member.state = State.ENDED;
                }
                news();
            } finally {
                lock.unlock();
            }
        }

        /** Race: the last words of one that was killed come when its successor has the place already. */
        private boolean isPast() {
            return member.life != life;
        }
    }

    private void news() {
        lastNewsNanos = System.nanoTime();
        changed.signalAll();
    }

    /** The process to let go again, if nobody waits for it to stand there. */
    private @Nullable Child stoodAt(Member member, Failpoint point) {
        if (ambush != null && ambush.caught == null && ambush.point == point) {
            ambush.caught = member;
            member.standing = point;
            return null;
        }
        return member.child;
    }

    /** Starts the next life of the place {@code process}, which is made if there is none. */
    void start(int process) throws IOException {
        Member member;
        int life;
        Path history;
        lock.lock();
        try {
            member = find(process);
            if (member == null) {
                member = new Member(process);
                members.add(member);
            }
            member.life++;
            member.state = State.STARTING;
            member.ready = false;
            member.calls = 0;
            member.standing = null;
            member.exitStatus = null;
            life = member.life;
            history = directory.resolve("history-" + process + "-" + life + ".jsonl");
            member.history = history;
            lastNewsNanos = System.nanoTime();
        } finally {
            lock.unlock();
        }
        Child child = starter.start(process, life, history, new Heard(member, life));
        boolean stopped;
        lock.lock();
        try {
            member.child = child;
            stopped = closed;
        } finally {
            lock.unlock();
        }
        if (stopped) {
            // Race: Ctrl-C while racers are being started. Who closed the crew did not see this one.
            child.close();
            throw new IOException("the run was stopped");
        }
        deeds.add(new Deed.Spawned(
                System.nanoTime(), process, life, child.handle().pid()));
        // It may have said that it is ready before it was known here.
        giveWork(member);
    }

    private @Nullable Member find(int process) {
        return members.stream()
                .filter(member -> member.process == process)
                .findFirst()
                .orElse(null);
    }

    /** Lets a racer that is ready begin, if the race has begun. */
    private void giveWork(Member member) {
        Child child;
        List<String> lines = new ArrayList<>();
        lock.lock();
        try {
            if (!gone || !member.ready || member.state != State.STARTING || member.child == null) {
                return;
            }
            member.state = State.RACING;
            child = member.child;
            member.work.forEach((wave, keys) -> lines.add(RacerMain.WORK + Json.line(new Work(wave, keys))));
        } finally {
            lock.unlock();
        }
        lines.forEach(line -> member.tell(child, line));
    }

    /**
     * Waits until all are ready.
     *
     * @throws IOException if one is not, with its reason
     */
    void awaitReady() throws IOException, InterruptedException {
        boolean allReady = await(() -> members.stream().allMatch(m -> m.ready || m.exitStatus != null), calls -> {});
        lock.lock();
        try {
            for (Member member : members) {
                if (!member.ready) {
                    Child child = member.child;
                    throw new IOException("process " + member.process + " did not get ready"
                            + (allReady && child != null ? ": " + child.lastWords() : " in time"));
                }
            }
        } finally {
            lock.unlock();
        }
    }

    /** Gives all more work; the first time lets all begin at once. */
    void give(Work more) {
        List<Member> all;
        List<Member> racing = new ArrayList<>();
        lock.lock();
        try {
            all = List.copyOf(members);
            for (Member member : all) {
                if (member.state == State.ENDED) {
                    continue;
                }
                member.take(more);
                if (member.state == State.RACING || member.state == State.FROZEN) {
                    racing.add(member);
                }
            }
            gone = true;
        } finally {
            lock.unlock();
        }
        String line = RacerMain.WORK + Json.line(more);
        racing.forEach(member -> member.tell(member.child, line));
        all.forEach(this::giveWork);
    }

    /** Waits until at most {@code count} racers have work left; false if there was no news for too long. */
    boolean awaitBusy(int count, LongConsumer progress) throws InterruptedException {
        return await(() -> members.stream().filter(Member::hasWork).count() <= count, progress);
    }

    /** Tells all that there is no more work, waits for their ends, and ends those of which there is no news any more. */
    void end() throws InterruptedException {
        List<Member> all;
        lock.lock();
        try {
            all = List.copyOf(members);
        } finally {
            lock.unlock();
        }
        all.forEach(member -> member.tell(member.child, RacerMain.END));
        boolean ended = await(() -> members.stream().allMatch(m -> m.exitStatus != null), calls -> {});
        if (!ended) {
            hung();
        }
        close();
    }

    /** Notes those that have not ended as hung. */
    void hung() {
        lock.lock();
        try {
            for (Member member : members) {
                if (member.exitStatus == null) {
                    mishaps.add("process " + member.process + " hung: nothing got on for " + patience.toSeconds()
                            + " s; " + member.work.size() + " waves of its work are left");
                }
            }
        } finally {
            lock.unlock();
        }
    }

    /** What a fault can be done to: racers at work, if few enough others are out of action. */
    List<Member> targets() {
        lock.lock();
        try {
            long out = members.stream()
                    .filter(m -> m.state != State.RACING && m.state != State.ENDED)
                    .count();
            if (out >= Math.max(1, members.size() / 2)) {
                return List.of();
            }
            return members.stream()
                    .filter(m -> m.state == State.RACING && m.hasWork() && m.standing == null)
                    .toList();
        } finally {
            lock.unlock();
        }
    }

    /** Waits until a racer stands at {@code point}; null if none came by in time. */
    @Nullable
    Member ambush(Failpoint point, List<Member> targets, Duration time) throws InterruptedException {
        Ambush set = new Ambush(point);
        lock.lock();
        try {
            ambush = set;
        } finally {
            lock.unlock();
        }
        targets.forEach(member -> member.tell(member.child, RacerMain.ARM + point.text()));
        long left = time.toNanos();
        lock.lock();
        try {
            while (set.caught == null && left > 0) {
                left = changed.awaitNanos(left);
            }
            // From here on whoever comes by is let go at once.
            ambush = null;
        } finally {
            lock.unlock();
        }
        targets.forEach(member -> {
            if (member != set.caught) {
                member.tell(member.child, RacerMain.DISARM);
            }
        });
        return set.caught;
    }

    /** Notes that {@code member} is dead, and what of its work is left. */
    void killed(Member member) throws IOException {
        HistoryFile file;
        lock.lock();
        try {
            file = new HistoryFile(
                    member.process,
                    member.life,
                    directory.resolve("history-" + member.process + "-" + member.life + ".jsonl"),
                    true);
        } finally {
            lock.unlock();
        }
        Map<String, Integer> answers = new HashMap<>();
        Histories.read(file, line -> {
            if (line.event() instanceof Event.Answered answered) {
                answers.merge(answered.key(), 1, Integer::sum);
            }
        });
        lock.lock();
        try {
            member.past.add(new Past(member.life, file.path(), true));
            member.history = null;
            pastCalls += member.calls;
            member.calls = 0;
            answers.forEach((key, count) -> member.answered.merge(key, count, Integer::sum));
            member.work.replaceAll((wave, keys) -> keys.stream()
                    .filter(key -> member.answered.getOrDefault(key, 0) < duplicates)
                    .toList());
        } finally {
            lock.unlock();
        }
    }

    /** Changes a member's state, if it is in {@code from}; false if it is not. */
    boolean move(Member member, State from, State to) {
        lock.lock();
        try {
            if (member.state != from) {
                return false;
            }
            member.state = to;
            if (to == State.RACING) {
                member.standing = null;
            }
            news();
            return true;
        } finally {
            lock.unlock();
        }
    }

    /** Waits until {@code what} is true, as long as there is news; returns whether it is. */
    private boolean await(BooleanSupplier what, LongConsumer progress) throws InterruptedException {
        long tickAt = System.nanoTime() + TICK_NANOS;
        while (true) {
            long calls;
            lock.lock();
            try {
                long now = System.nanoTime();
                if (what.getAsBoolean()) {
                    return true;
                }
                if (closed || now - lastNewsNanos > patience.toNanos()) {
                    return false;
                }
                if (now - tickAt < 0) {
                    long unused = changed.awaitNanos(tickAt - now);
                    continue;
                }
                calls = calls();
            } finally {
                lock.unlock();
            }
            tickAt += TICK_NANOS;
            progress.accept(calls);
        }
    }

    private long calls() {
        return pastCalls + members.stream().mapToLong(member -> member.calls).sum();
    }

    /** The files of all lives of all members. */
    List<HistoryFile> histories() {
        lock.lock();
        try {
            return members.stream().flatMap(m -> m.histories().stream()).toList();
        } finally {
            lock.unlock();
        }
    }

    /** Notes something that nobody meant to go wrong. */
    void mishap(String what) {
        lock.lock();
        try {
            mishaps.add(what);
        } finally {
            lock.unlock();
        }
    }

    /** What went wrong that nobody meant to go wrong. */
    List<String> mishaps() {
        lock.lock();
        try {
            return List.copyOf(mishaps);
        } finally {
            lock.unlock();
        }
    }

    /** Ends all at once, and lets nobody start any more. */
    @Override
    public void close() {
        List<Child> children;
        lock.lock();
        try {
            closed = true;
            children = members.stream()
                    .map(member -> member.child)
                    .filter(Objects::nonNull)
                    .toList();
            changed.signalAll();
        } finally {
            lock.unlock();
        }
        children.forEach(Child::close);
    }
}
