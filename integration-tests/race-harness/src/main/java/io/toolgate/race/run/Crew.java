package io.toolgate.race.run;

import io.toolgate.race.fault.Failpoint;
import io.toolgate.race.history.Deed;
import io.toolgate.race.history.Event;
import io.toolgate.race.history.Histories;
import io.toolgate.race.history.HistoryFile;
import io.toolgate.race.racer.RacerMain;
import io.toolgate.race.racer.Work;
import io.toolgate.race.run.Member.State;
import io.toolgate.race.run.Roster.Life;
import io.toolgate.race.run.Roster.Order;
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
 * The racers of a run, as their parent sees them: starts them, holds them at a barrier, gives them work, and puts another
 * process in the place of one that was killed. What is known of them is in the {@link Roster}. Safe for use by many threads.
 */
final class Crew implements AutoCloseable {
    /** Starts the process for a place and life. */
    interface Starter {
        Child start(int process, int life, Path history, Child.Listener listener) throws IOException;
    }

    private final Starter starter;
    private final DeedLog deeds;
    private final Roster roster;

    /**
     * A crew whose histories are written into {@code directory}.
     *
     * @param duplicates how many threads of each racer call each key
     * @param patience after which without news a wait is given up
     */
    Crew(Starter starter, Path directory, int duplicates, Duration patience, DeedLog deeds) {
        this.starter = starter;
        this.deeds = deeds;
        this.roster = new Roster(directory, duplicates, patience);
    }

    /** Starts the next life of the place {@code process}, which is made if there is none. */
    void start(int process) throws IOException {
        Life life = roster.nextLife(process);
        Child child = starter.start(process, life.number(), life.history(), new Heard(this, roster, life));
        if (!roster.arrived(life, child)) {
            // Race: Ctrl-C while racers are being started. Who closed the crew did not see this one.
            child.close();
            throw new IOException("the run was stopped");
        }
        deeds.add(new Deed.Spawned(
                System.nanoTime(), process, life.number(), child.handle().pid()));
        // It may have said that it is ready before it was known here.
        letBegin(life.member());
    }

    /** Lets a racer that is ready begin, if the race has begun. */
    void letBegin(Member member) {
        Order order = roster.begin(member);
        if (order != null) {
            tell(order);
        }
    }

    private static void tell(Order order) {
        for (Work work : order.work()) {
            order.member().tell(order.child(), RacerMain.WORK + Json.line(work));
        }
    }

    /**
     * Waits until all are ready.
     *
     * @throws IOException if one is not, with its reason
     */
    void awaitReady() throws IOException, InterruptedException {
        roster.awaitReady();
    }

    /** Gives all more work; the first time lets all begin at once. */
    void give(Work more) {
        roster.add(more).forEach(Crew::tell);
        roster.all().forEach(one -> letBegin(one.member()));
    }

    /** Waits until at most {@code count} racers have work left; false if there was no news for too long. */
    boolean awaitBusy(int count, LongConsumer progress) throws InterruptedException {
        return roster.awaitBusy(count, progress);
    }

    /** Tells all that there is no more work, waits for their ends, and ends those of which there is no news any more. */
    void end() throws InterruptedException {
        roster.all().forEach(one -> one.member().tell(one.child(), RacerMain.END));
        if (!roster.awaitEnds()) {
            roster.hung();
        }
        close();
    }

    /** Notes those that have not ended as hung. */
    void hung() {
        roster.hung();
    }

    /** What a fault can be done to: racers at work, if few enough others are out of action. */
    List<Member> targets() {
        return roster.targets();
    }

    /** Waits until one of {@code targets} stands at {@code point}; null if none came by in time. */
    @Nullable
    Member ambush(Failpoint point, List<Member> targets, Duration time) throws InterruptedException {
        Ambush ambush = new Ambush(point);
        roster.ambush(ambush);
        List<Order> armed = roster.all().stream()
                .filter(one -> targets.contains(one.member()))
                .toList();
        armed.forEach(one -> one.member().tell(one.child(), RacerMain.ARM + point.text()));
        Member caught = ambush.await(time);
        roster.ambush(null);
        armed.stream()
                .filter(one -> one.member() != caught)
                .forEach(one -> one.member().tell(one.child(), RacerMain.DISARM));
        return caught;
    }

    /** Notes that {@code member} is dead, and what of its work is left. */
    void killed(Member member) throws IOException {
        HistoryFile file = roster.historyOf(member);
        Map<String, Integer> answers = new HashMap<>();
        Histories.read(file, line -> {
            if (line.event() instanceof Event.Answered answered) {
                answers.merge(answered.key(), 1, Integer::sum);
            }
        });
        roster.bury(member, answers);
    }

    /** Changes a member's state, if it is in {@code from}; false if it is not. */
    boolean move(Member member, State from, State to) {
        return roster.move(member, from, to);
    }

    /** The files of all lives of all members. */
    List<HistoryFile> histories() {
        return roster.histories();
    }

    /** Notes something that nobody meant to go wrong. */
    void mishap(String what) {
        roster.mishap(what);
    }

    /** What went wrong that nobody meant to go wrong. */
    List<String> mishaps() {
        return roster.mishaps();
    }

    /** Ends all at once, and lets nobody start any more. */
    @Override
    public void close() {
        roster.close();
        for (Order one : roster.all()) {
            Child child = one.child();
            if (child != null) {
                child.close();
            }
        }
    }
}
