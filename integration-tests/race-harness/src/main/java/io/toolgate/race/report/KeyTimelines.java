package io.toolgate.race.report;

import static java.util.stream.Collectors.groupingBy;

import io.toolgate.race.checker.Evidence;
import io.toolgate.race.checker.Verdict;
import io.toolgate.race.checker.Violation;
import io.toolgate.race.history.Deed;
import io.toolgate.race.history.Event;
import io.toolgate.race.history.Event.Answer;
import io.toolgate.race.history.Event.ClaimResult;
import io.toolgate.race.history.Event.CompletionKind;
import io.toolgate.race.history.Histories;
import io.toolgate.race.history.HistoryFile;
import io.toolgate.race.history.Line;
import io.toolgate.race.provider.LedgerLine;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.ToIntFunction;

/**
 * Chooses the keys that get a picture, and builds their timelines. The histories are read twice: once to count, keeping
 * a few numbers for each key, and once more for the lines of the chosen keys.
 */
final class KeyTimelines {
    static final int MOST = 12;
    private static final int MOST_VIOLATED = 6;
    private static final int MOST_CHARGED_TWICE = 3;
    private static final int MOST_OF_A_TRAIT = 3;

    private final Evidence evidence;
    private final Verdict verdict;
    private final Map<String, KeyTraits> traits = new LinkedHashMap<>();
    private final Course course = new Course();

    private KeyTimelines(Evidence evidence, Verdict verdict) {
        this.evidence = evidence;
        this.verdict = verdict;
        evidence.called().forEach(key -> traits.put(key, new KeyTraits()));
    }

    /** The timelines and figures. */
    record Found(List<KeyTimeline> timelines, Course course) {}

    /** Reads the histories. */
    static Found read(Evidence evidence, Verdict verdict) throws IOException {
        KeyTimelines selection = new KeyTimelines(evidence, verdict);
        selection.count();
        return new Found(selection.build(selection.choose()), selection.course);
    }

    private void count() throws IOException {
        Map<String, KeyTraits> byAccount = new HashMap<>();
        traits.forEach((key, trait) -> byAccount.put(evidence.keys().account(key), trait));
        for (LedgerLine line : evidence.ledger()) {
            KeyTraits trait = byAccount.get(line.account());
            if (trait != null && line.kind() == LedgerLine.Kind.CHARGED) {
                trait.charges++;
            }
        }
        for (HistoryFile file : evidence.histories()) {
            Owned owned = new Owned(file);
            Histories.read(file, line -> count(line.event(), owned));
            owned.endAll();
        }
    }

    private void count(Event event, Owned owned) {
        KeyTraits trait = event.key() == null ? null : traits.get(event.key());
        if (trait == null) {
            return;
        }
        if (event instanceof Event.Called) {
            trait.calls++;
        } else if (event instanceof Event.Answered answered) {
            course.answered(answered);
            trait.replays += "REPLAYED".equals(answered.origin()) ? 1 : 0;
            trait.doubts += answered.answer() == Answer.IN_DOUBT ? 1 : 0;
        } else if (event instanceof Event.Claimed claimed && claimed.result() == ClaimResult.ACQUIRED) {
            trait.takeovers += claimed.tookOver() ? 1 : 0;
            owned.begin(claimed, trait);
        } else if (event instanceof Event.Renewed renewed) {
            owned.renew(renewed);
        } else if (event instanceof Event.CompletionSent sent) {
            trait.doubts += sent.ending() == CompletionKind.DOUBT ? 1 : 0;
        } else if (event instanceof Event.CompletionAnswered ended) {
            owned.end(ended.token(), ended.nanos());
        }
    }

    /** The keys that one process owns, to attribute the faults that hit it meanwhile. */
    private final class Owned {
        private final long leaseNanos = evidence.terms().leaseMillis() * 1_000_000L;

        /** The time since which it owns a key, and the end of its lease. */
        private record Since(long nanos, long leaseTo, KeyTraits trait) {}

        private final Map<String, Since> byToken = new HashMap<>();
        private final List<Deed> deeds = new ArrayList<>();

        Owned(HistoryFile file) {
            for (Deed deed : evidence.deeds()) {
                if (deed instanceof Deed.Killed killed
                        && killed.process() == file.process()
                        && killed.life() == file.life()) {
                    deeds.add(deed);
                } else if (deed instanceof Deed.Frozen frozen
                        && frozen.process() == file.process()
                        && frozen.life() == file.life()) {
                    deeds.add(deed);
                }
            }
        }

        void begin(Event.Claimed claimed, KeyTraits trait) {
            byToken.put(claimed.token(), new Since(claimed.nanos(), claimed.sentNanos() + leaseNanos, trait));
        }

        void renew(Event.Renewed renewed) {
            byToken.computeIfPresent(
                    renewed.token(),
                    (token, since) -> renewed.owned()
                            ? new Since(since.nanos(), renewed.sentNanos() + leaseNanos, since.trait())
                            : since);
        }

        void end(String token, long nanos) {
            Since since = byToken.remove(token);
            if (since != null) {
                count(since, nanos);
            }
        }

        void endAll() {
            byToken.values().forEach(since -> count(since, Long.MAX_VALUE));
        }

        private void count(Since since, long to) {
            for (Deed deed : deeds) {
                if (deed.nanos() >= since.nanos() && deed.nanos() <= Math.min(to, since.leaseTo())) {
                    since.trait().kills += deed instanceof Deed.Killed ? 1 : 0;
                    since.trait().freezes += deed instanceof Deed.Frozen ? 1 : 0;
                }
            }
        }
    }

    /** The chosen keys in the order in which they are shown, with the reason for each. */
    private Map<String, String> choose() {
        Map<String, String> chosen = new LinkedHashMap<>();
        for (Violation violation : verdict.violations()) {
            String key = violation.key();
            if (key != null && traits.containsKey(key) && chosen.size() < MOST_VIOLATED) {
                chosen.merge(
                        key,
                        "violated: " + violation.kind().words(),
                        (before, more) -> before.contains(more) ? before : before + "; " + more);
            }
        }
        chosen.replaceAll((key, why) ->
                why + "; " + traits.getOrDefault(key, new KeyTraits()).words());
        most(chosen, trait -> trait.charges > 1 ? trait.charges : 0, chosen.size() + MOST_CHARGED_TWICE);
        List<ToIntFunction<KeyTraits>> ranks =
                List.of(trait -> trait.takeovers, trait -> trait.kills, trait -> trait.freezes, trait -> trait.doubts);
        for (int round = 0; round < MOST_OF_A_TRAIT; round++) {
            for (ToIntFunction<KeyTraits> rank : ranks) {
                most(chosen, rank, Math.min(chosen.size() + 1, MOST - 1));
            }
        }
        most(chosen, trait -> trait.isCalm() ? trait.calls : 0, chosen.size() + 1);
        return chosen;
    }

    /** Adds the keys with the highest rank above zero, until {@code upTo} are chosen. */
    private void most(Map<String, String> chosen, ToIntFunction<KeyTraits> rank, int upTo) {
        traits.entrySet().stream()
                .filter(entry -> rank.applyAsInt(entry.getValue()) > 0 && !chosen.containsKey(entry.getKey()))
                .sorted(Comparator.comparingInt(
                        (Map.Entry<String, KeyTraits> entry) -> -rank.applyAsInt(entry.getValue())))
                .limit(Math.max(0, upTo - chosen.size()))
                .toList()
                .forEach(entry -> chosen.put(entry.getKey(), entry.getValue().words()));
    }

    private List<KeyTimeline> build(Map<String, String> chosen) throws IOException {
        if (chosen.isEmpty()) {
            return List.of();
        }
        Map<String, List<Line>> lines = new HashMap<>();
        chosen.keySet().forEach(key -> lines.put(key, new ArrayList<>()));
        for (HistoryFile file : evidence.histories()) {
            Histories.read(file, line -> {
                String key = line.event().key();
                List<Line> of = key == null ? null : lines.get(key);
                if (of != null) {
                    of.add(line);
                }
            });
        }
        Map<String, List<LedgerLine>> ledger = evidence.ledger().stream().collect(groupingBy(LedgerLine::account));
        List<KeyTimeline> timelines = new ArrayList<>();
        chosen.forEach((key, why) -> timelines.add(KeyTimelineBuilder.build(
                key,
                why,
                lines.getOrDefault(key, List.of()),
                evidence,
                ledger.getOrDefault(evidence.keys().account(key), List.of()))));
        return timelines;
    }
}
