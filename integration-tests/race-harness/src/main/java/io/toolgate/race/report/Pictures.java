package io.toolgate.race.report;

import static java.util.stream.Collectors.joining;

import io.toolgate.race.checker.Evidence;
import io.toolgate.race.checker.Figures;
import io.toolgate.race.checker.Row;
import io.toolgate.race.provider.LedgerLine;
import io.toolgate.race.report.KeyTimeline.Result;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** The sections with pictures: durations, the course of the run, and the keys' timelines. */
final class Pictures {
    private final Html html;
    private final Evidence evidence;

    Pictures(Html html, Evidence evidence) {
        this.html = html;
        this.evidence = evidence;
    }

    /** The anchor of each key's picture on the page. */
    static Map<String, String> places(List<KeyTimeline> timelines) {
        Map<String, String> places = new LinkedHashMap<>();
        timelines.forEach(timeline -> places.put(timeline.key(), "timeline-" + (places.size() + 1)));
        return places;
    }

    /** The durations. */
    void latencies(Figures figures) {
        html.open("section", "id", "latencies");
        html.leaf("h2", "How long calls took");
        html.open("div", "class", "plots");
        Distribution.draw(html, "Calls that ran it", figures.executing());
        Distribution.draw(html, "Calls that got a replay", figures.replaying());
        Distribution.draw(html, "Replay lag", figures.replayLag());
        html.close();
        html.leaf(
                "p",
                "The scale is logarithmic. Replay lag is the time from when the result was stored, or from the call if"
                        + " that was later, to the answer.",
                "class",
                "quiet");
        html.close();
    }

    /** The course of the run. */
    void course(Course course) {
        html.open("section", "id", "course");
        html.leaf("h2", "The run's course");
        if (course.isEmpty()) {
            html.leaf("p", "No call was answered.", "class", "quiet");
        } else {
            html.open("div", "class", "scroll");
            CourseStrip.draw(html, course, evidence.deeds(), evidence.terms().processes());
            html.close();
            html.open("p", "class", "quiet key");
            swatch("column", "results");
            swatch("column others", "other answers");
            swatch("killed", "process killed");
            swatch("frozen", "process frozen");
            swatch("reclocked", "clock set wrong");
            html.close();
        }
        html.close();
    }

    private void swatch(String style, String words) {
        html.leaf("span", "", "class", "swatch " + style);
        html.leaf("span", words);
    }

    /** The owners of each chosen key over time. */
    void timelines(List<KeyTimeline> timelines) {
        html.open("section", "id", "timelines");
        html.leaf("h2", "Who owned the key when");
        if (timelines.isEmpty()) {
            html.leaf("p", "No key was called.", "class", "quiet");
        } else {
            html.open("ol", "class", "contents");
            Map<String, String> places = places(timelines);
            for (KeyTimeline timeline : timelines) {
                html.open("li");
                html.leaf("a", timeline.key(), "href", "#" + places.get(timeline.key()));
                html.text(" " + timeline.why());
                html.close();
            }
            html.close();
            html.open("div", "class", "scroll");
            Legend.draw(html);
            html.close();
            timelines.forEach(timeline -> timeline(timeline, places.getOrDefault(timeline.key(), "")));
        }
        html.close();
    }

    private void timeline(KeyTimeline timeline, String place) {
        html.open("article", "id", place);
        html.open("h3");
        html.text(timeline.key());
        html.leaf("span", timeline.why(), "class", "badge");
        html.close();
        html.open("div", "class", "scroll");
        TimelinePicture.draw(html, timeline, evidence.terms().leaseMillis() * 1_000_000L);
        html.close();
        html.open("dl", "class", "facts");
        html.leaf("dt", "row");
        html.leaf("dd", row(timeline.row()));
        html.leaf("dt", "acknowledged");
        html.leaf("dd", acknowledged(timeline));
        html.leaf("dt", "ledger");
        html.leaf("dd", ledger(timeline));
        html.close();
        html.close();
    }

    private static String row(@Nullable Row row) {
        if (row == null) {
            return "none";
        }
        return Texts.of(row.state()) + ", fence " + row.fence() + ", version " + row.version()
                + (row.sha256() == null ? ", no result" : ", result " + Texts.digest(row.sha256()));
    }

    private static String acknowledged(KeyTimeline timeline) {
        if (timeline.acknowledged().isEmpty()) {
            return "no caller got a result";
        }
        Row row = timeline.row();
        return timeline.acknowledged().entrySet().stream()
                .map(entry -> {
                    Result result = entry.getKey();
                    boolean same = row != null && result.sha256().equals(row.sha256());
                    return Texts.count(entry.getValue(), "time") + " " + Texts.digest(result.sha256()) + " ("
                            + result.receipt() + ")" + (same ? ", as in the row" : ", which is not in the row");
                })
                .collect(joining("; "));
    }

    private static String ledger(KeyTimeline timeline) {
        if (timeline.ledger().isEmpty()) {
            return "no request";
        }
        return timeline.ledger().stream().map(line -> line(timeline, line)).collect(joining("; "));
    }

    private static String line(KeyTimeline timeline, LedgerLine line) {
        return Texts.of(line.kind()) + (line.receipt() == null ? "" : " " + line.receipt()) + " at "
                + Texts.millis(line.nanos() - timeline.from()) + sender(timeline, line);
    }

    private static String sender(KeyTimeline timeline, LedgerLine line) {
        for (KeyTimeline.Lane lane : timeline.lanes()) {
            for (KeyTimeline.Effect effect : lane.effects()) {
                if (line.equals(effect.ledger()) && effect.fence() > 0) {
                    return " for " + Texts.process(lane.process()) + ", attempt " + effect.fence();
                }
            }
        }
        return "";
    }
}
