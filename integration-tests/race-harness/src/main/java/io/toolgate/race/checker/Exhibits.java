package io.toolgate.race.checker;

import io.toolgate.race.checker.Findings.Finding;
import io.toolgate.race.checker.Violation.Kind;
import io.toolgate.race.history.Deed;
import io.toolgate.race.history.Event;
import io.toolgate.race.history.Event.Answer;
import io.toolgate.race.history.Event.ClaimResult;
import io.toolgate.race.history.Histories;
import io.toolgate.race.history.HistoryFile;
import io.toolgate.race.history.Line;
import io.toolgate.race.provider.LedgerLine;
import io.toolgate.support.Json;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Selection of the lines that show a violation, from the histories, the ledger and the harness's own log, in the order
 * of time. Only a few violations of each kind get lines. If there are too many, events that change the record take
 * precedence over those of waiting calls.
 */
final class Exhibits {
    private static final int KEYS_OF_A_KIND = 5;
    private static final int LINES_OF_A_KEY = 40;
    private static final int KEPT_LINES = 500;
    private static final int KEPT_MOVES = 2_000;

    private final Map<String, List<Exhibit>> byKey = new HashMap<>();
    private final Map<String, String> findingsByKey = new HashMap<>();

    /** A line; a lower {@code rank} is more relevant. */
    private record Exhibit(long nanos, int rank, int process, String where, String text) {
        int rankIn(Finding finding) {
            return finding.text().contains(where) ? -1 : rank;
        }
    }

    private Exhibits() {}

    /** Returns the violations for {@code findings}, the worst kind first. */
    static List<Violation> violations(Evidence evidence, Findings findings) throws IOException {
        Exhibits exhibits = new Exhibits();
        for (Kind kind : Kind.values()) {
            findings.of(kind).stream().limit(KEYS_OF_A_KIND).forEach(exhibits::collect);
        }
        if (!exhibits.byKey.isEmpty()) {
            exhibits.read(evidence);
        }
        List<Violation> violations = new ArrayList<>();
        for (Kind kind : Kind.values()) {
            findings.ofTheRun(kind).forEach(seen -> violations.add(Violation.of(kind, null, seen, List.of())));
            int number = 0;
            for (Finding finding : findings.of(kind)) {
                List<String> lines = number++ < KEYS_OF_A_KIND ? exhibits.lines(finding, evidence.deeds()) : List.of();
                violations.add(Violation.of(kind, finding.key(), finding.text(), lines));
            }
        }
        return List.copyOf(violations);
    }

    private void collect(Finding finding) {
        byKey.put(finding.key(), new ArrayList<>());
        findingsByKey.merge(finding.key(), finding.text(), String::concat);
    }

    private void read(Evidence evidence) throws IOException {
        for (HistoryFile file : evidence.histories()) {
            Histories.read(file, this::read);
        }
        Map<String, String> keys = new HashMap<>();
        byKey.keySet().forEach(key -> keys.put(evidence.keys().account(key), key));
        int number = 0;
        for (LedgerLine line : evidence.ledger()) {
            number++;
            String where = "ledger line " + number;
            add(keys.get(line.account()), new Exhibit(line.nanos(), 0, -1, where, Json.line(line)));
        }
    }

    private void read(Line line) {
        Event event = line.event();
        String key = event.key();
        if (key != null && byKey.containsKey(key)) {
            String where = Place.of(line).toString();
            add(key, new Exhibit(event.nanos(), rank(event), line.process(), where, Json.line(event)));
        }
    }

    private void add(@Nullable String key, Exhibit exhibit) {
        List<Exhibit> known = key == null ? null : byKey.get(key);
        if (key == null || known == null) {
            return;
        }
        boolean cited = findingsByKey.getOrDefault(key, "").contains(exhibit.where);
        if (cited || known.size() < (exhibit.rank == 0 ? KEPT_MOVES : KEPT_LINES)) {
            known.add(exhibit);
        }
    }

    private static int rank(Event event) {
        if (event instanceof Event.Claimed claimed) {
            return claimed.result() == ClaimResult.ACQUIRED
                    ? 0
                    : claimed.result() == ClaimResult.BUSY || claimed.result() == ClaimResult.FINISHED ? 3 : 1;
        } else if (event instanceof Event.Answered answered) {
            boolean replay = answered.answer() == Answer.COMPLETED && "REPLAYED".equals(answered.origin());
            return replay ? 3 : 2;
        } else if (event instanceof Event.Ensured || event instanceof Event.Reached) {
            return 1;
        } else if (event instanceof Event.Renewed renewed) {
            return renewed.owned() ? 3 : 1;
        }
        return event instanceof Event.Called || event instanceof Event.ClaimSent ? 3 : 0;
    }

    private List<String> lines(Finding finding, List<Deed> deeds) {
        List<Exhibit> all = new ArrayList<>(byKey.getOrDefault(finding.key(), List.of()));
        all.addAll(deedsBetween(all, deeds));
        all.sort(Comparator.comparingInt(exhibit -> exhibit.rankIn(finding)));
        int left = Math.max(0, all.size() - LINES_OF_A_KEY);
        List<Exhibit> chosen = new ArrayList<>(all.subList(0, all.size() - left));
        chosen.sort(Comparator.comparingLong(Exhibit::nanos));
        List<String> lines = new ArrayList<>();
        chosen.forEach(exhibit -> lines.add(exhibit.where + ": " + exhibit.text));
        if (left > 0) {
            lines.add("and " + left + " more lines about this key");
        }
        return lines;
    }

    /** The harness's actions on the processes of {@code exhibits}, between the first of these and the last. */
    private static List<Exhibit> deedsBetween(List<Exhibit> exhibits, List<Deed> deeds) {
        long from = exhibits.stream().mapToLong(Exhibit::nanos).min().orElse(0);
        long until = exhibits.stream().mapToLong(Exhibit::nanos).max().orElse(0);
        Set<Integer> involved = new HashSet<>();
        exhibits.forEach(exhibit -> involved.add(exhibit.process));
        List<Exhibit> found = new ArrayList<>();
        int number = 0;
        for (Deed deed : deeds) {
            number++;
            int process = process(deed);
            if (involved.contains(process) && deed.nanos() >= from && deed.nanos() <= until) {
                found.add(new Exhibit(deed.nanos(), 0, process, "deed " + number, Json.line(deed)));
            }
        }
        return found;
    }

    private static int process(Deed deed) {
        if (deed instanceof Deed.Killed killed) {
            return killed.process();
        } else if (deed instanceof Deed.Frozen frozen) {
            return frozen.process();
        } else if (deed instanceof Deed.Thawed thawed) {
            return thawed.process();
        }
        return deed instanceof Deed.Reclocked reclocked ? reclocked.process() : Integer.MIN_VALUE;
    }
}
