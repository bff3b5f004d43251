package io.toolgate.race.report;

import static java.util.Comparator.comparingLong;
import static java.util.stream.Collectors.toMap;

import io.toolgate.race.checker.Evidence;
import io.toolgate.race.history.Deed;
import io.toolgate.race.history.Event;
import io.toolgate.race.history.Event.Answer;
import io.toolgate.race.history.Event.ClaimResult;
import io.toolgate.race.history.Line;
import io.toolgate.race.provider.LedgerLine;
import io.toolgate.race.report.KeyTimeline.Attempt;
import io.toolgate.race.report.KeyTimeline.Effect;
import io.toolgate.race.report.KeyTimeline.Freeze;
import io.toolgate.race.report.KeyTimeline.Lane;
import io.toolgate.race.report.KeyTimeline.Life;
import io.toolgate.race.report.KeyTimeline.Mark;
import io.toolgate.race.report.KeyTimeline.Moment;
import io.toolgate.race.report.KeyTimeline.Result;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Objects;
import java.util.Set;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** Builds a {@link KeyTimeline} from a key's history lines, the faults of their processes, and the ledger. */
final class KeyTimelineBuilder {
    private record Place(int process, int life) {}

    private final Evidence evidence;
    private final List<LedgerLine> ledger;
    private final Map<String, LedgerLine> byRequest;
    private final Map<Place, Deed.Killed> kills = new HashMap<>();
    private final Map<Place, LaneDraft> drafts = new HashMap<>();
    private final Map<Integer, Lane> lanes = new TreeMap<>(Comparator.comparingInt(KeyTimelineBuilder::order));

    private KeyTimelineBuilder(Evidence evidence, List<LedgerLine> ledger) {
        this.evidence = evidence;
        this.ledger = ledger;
        this.byRequest = ledger.stream().collect(toMap(LedgerLine::request, line -> line, (first, second) -> first));
        for (Deed deed : evidence.deeds()) {
            if (deed instanceof Deed.Killed killed) {
                kills.put(new Place(killed.process(), killed.life()), killed);
            }
        }
    }

    /**
     * The timeline of {@code key}.
     *
     * @param lines all history lines about it, those of each process in its order
     * @param ledger the ledger's lines about its account
     */
    static KeyTimeline build(String key, String why, List<Line> lines, Evidence evidence, List<LedgerLine> ledger) {
        return new KeyTimelineBuilder(evidence, ledger).build(key, why, lines);
    }

    private static int order(int process) {
        return process > 0 ? process : Integer.MAX_VALUE + Math.min(process, 0);
    }

    private KeyTimeline build(String key, String why, List<Line> lines) {
        long leaseNanos = evidence.terms().leaseMillis() * 1_000_000L;
        List<Line> ordered = new ArrayList<>(lines);
        ordered.sort(comparingLong((Line line) -> line.event().nanos()).thenComparingInt(Line::number));
        long from = Long.MAX_VALUE;
        long last = Long.MIN_VALUE;
        boolean doubted = false;
        for (Line line : ordered) {
            Event event = line.event();
            from = Math.min(from, event.nanos());
            last = Math.max(last, event.nanos());
            LaneDraft draft = drafts.computeIfAbsent(
                    new Place(line.process(), line.life()),
                    place -> new LaneDraft(place.life(), leaseNanos, byRequest));
            draft.add(event);
            if (!doubted && event instanceof Event.Claimed claimed && claimed.result() == ClaimResult.IN_DOUBT) {
                // Later claims get the same answer; the first one shows when the doubt became known.
                draft.mark(Mark.Kind.DOUBT, event, "a claim found the key in doubt");
                doubted = true;
            }
        }
        for (LedgerLine line : ledger) {
            from = Math.min(from, line.nanos());
            last = Math.max(last, line.nanos());
        }
        if (from > last) {
            from = 0;
            last = 0;
        }
        long to = finish(ordered, last);
        long start = from;
        lanes.forEach((process, lane) -> frame(lane, start, to));
        return new KeyTimeline(
                key,
                why,
                from,
                to,
                List.copyOf(lanes.values()),
                ledger,
                evidence.rows().get(key),
                acknowledged(ordered));
    }

    private Lane lane(int process) {
        return lanes.computeIfAbsent(
                process,
                of -> new Lane(
                        of,
                        new ArrayList<>(),
                        new ArrayList<>(),
                        new ArrayList<>(),
                        new ArrayList<>(),
                        new ArrayList<>(),
                        new ArrayList<>()));
    }

    /** Closes what is open, and returns the end of the timeline, which includes the end of an unreleased lease. */
    private long finish(List<Line> ordered, long last) {
        drafts.forEach((place, draft) -> {
            Deed.Killed killed = kills.get(place);
            draft.finish(killed == null ? Long.MAX_VALUE : killed.nanos(), last, lane(place.process()));
        });
        Set<String> sent = new HashSet<>();
        for (Line line : ordered) {
            if (line.event() instanceof Event.EffectSent effect) {
                sent.add(effect.request());
            }
        }
        for (LedgerLine line : ledger) {
            if (!sent.contains(line.request())) {
                Moment at = new Moment(line.nanos(), 0);
                lane(Lane.UNKNOWN).effects().add(new Effect(0, at, line.nanos(), line, "recorded by no process"));
            }
        }
        endLeases();
        long to = last;
        for (Lane lane : lanes.values()) {
            lane.attempts().sort(comparingLong(attempt -> attempt.claimed().nanos()));
            lane.effects().sort(comparingLong(effect -> effect.sent().nanos()));
            lane.marks().sort(comparingLong(mark -> mark.at().nanos()));
            lane.waits().sort(comparingLong(wait -> wait.called().nanos()));
            for (Attempt attempt : lane.attempts()) {
                to = Math.max(to, attempt.leaseTo());
            }
        }
        return to;
    }

    /** Ends each lease that was left behind when another attempt gets the key. */
    private void endLeases() {
        NavigableMap<Long, Long> claims = new TreeMap<>();
        for (Lane lane : lanes.values()) {
            for (Attempt attempt : lane.attempts()) {
                claims.merge(attempt.fence(), attempt.claimed().nanos(), Math::min);
            }
        }
        for (Lane lane : lanes.values()) {
            lane.attempts().replaceAll(attempt -> {
                Map.Entry<Long, Long> next = claims.higherEntry(attempt.fence());
                return next == null ? attempt : attempt.followedAt(next.getValue());
            });
        }
    }

    /** Adds the faults of the lane's process between {@code from} and {@code to}. */
    private void frame(Lane lane, long from, long to) {
        Map<Integer, Long> births = new TreeMap<>();
        for (Place place : drafts.keySet()) {
            if (place.process() == lane.process()) {
                births.put(place.life(), from);
            }
        }
        Map<Integer, Deed.Frozen> frozen = new TreeMap<>();
        for (Deed deed : evidence.deeds()) {
            if (deed instanceof Deed.Spawned spawned && spawned.process() == lane.process()) {
                births.put(spawned.life(), spawned.nanos());
            } else if (deed instanceof Deed.Frozen stopped && stopped.process() == lane.process()) {
                frozen.put(stopped.life(), stopped);
            } else if (deed instanceof Deed.Thawed thawed && thawed.process() == lane.process()) {
                freeze(lane, frozen.remove(thawed.life()), thawed.nanos(), from, to);
            } else if (deed instanceof Deed.Reclocked reclocked && reclocked.process() == lane.process()) {
                reclock(lane, reclocked, from, to);
            }
        }
        frozen.values().forEach(stopped -> freeze(lane, stopped, endOf(lane.process(), stopped.life(), to), from, to));
        births.forEach((life, birth) -> {
            Deed.Killed killed = kills.get(new Place(lane.process(), life));
            long end = killed == null ? to : killed.nanos();
            if (birth < to && end >= from) {
                lane.lives()
                        .add(new Life(
                                life,
                                Math.max(from, birth),
                                Math.min(to, end),
                                killed != null && end <= to,
                                killed == null ? null : killed.point()));
            }
        });
    }

    private long endOf(int process, int life, long otherwise) {
        Deed.Killed killed = kills.get(new Place(process, life));
        return killed == null ? otherwise : killed.nanos();
    }

    private static void freeze(Lane lane, Deed.@Nullable Frozen frozen, long end, long from, long to) {
        if (frozen != null && frozen.nanos() < to && end > from) {
            lane.freezes().add(new Freeze(Math.max(from, frozen.nanos()), Math.min(to, end), frozen.point()));
        }
    }

    private static void reclock(Lane lane, Deed.Reclocked deed, long from, long to) {
        if (deed.nanos() >= from && deed.nanos() <= to) {
            String detail = "its wall clock is wrong by " + Texts.number(deed.offsetMillis()) + " ms from now on";
            lane.marks().add(new Mark(Mark.Kind.RECLOCKED, new Moment(deed.nanos(), 0), detail));
        }
    }

    private static Map<Result, Long> acknowledged(List<Line> lines) {
        Map<Result, Long> results =
                new TreeMap<>(Comparator.comparing(Result::sha256).thenComparing(Result::receipt));
        for (Line line : lines) {
            if (line.event() instanceof Event.Answered answered && answered.answer() == Answer.COMPLETED) {
                results.merge(
                        new Result(
                                Objects.requireNonNullElse(answered.sha256(), "no bytes"),
                                Objects.requireNonNullElse(answered.receipt(), "no receipt")),
                        1L,
                        Long::sum);
            }
        }
        return results;
    }
}
