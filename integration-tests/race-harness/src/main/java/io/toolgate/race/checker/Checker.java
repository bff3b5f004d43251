package io.toolgate.race.checker;

import io.toolgate.race.history.*;
import java.io.IOException;
import java.util.*;
import java.util.stream.LongStream;

public final class Checker {
    private Checker() {}

    public static Verdict check(Evidence e) throws IOException {
        Map<Event.Answer, Long> answers = new TreeMap<>();
        Map<String, Integer> events = new TreeMap<>();
        for (HistoryFile f : e.histories())
            Histories.read(f, l -> {
                events.merge(l.event().getClass().getSimpleName(), 1, Integer::sum);
                if (l.event() instanceof Event.Answered a && l.process() > 0) answers.merge(a.answer(), 1L, Long::sum);
            });
        System.err.println(events + " " + e.mishaps() + " " + e.ledger().size() + " deeds "
                + e.deeds().size());
        Latencies none = Latencies.ofNanos(LongStream.empty());
        return new Verdict(
                List.of(),
                new Tally(0, 0, 0, answers, 0, 0, 0, e.ledger().size(), 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, Map.of()),
                new Figures(none, none, none));
    }
}
