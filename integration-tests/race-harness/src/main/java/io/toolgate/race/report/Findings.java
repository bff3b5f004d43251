package io.toolgate.race.report;

import static java.util.stream.Collectors.groupingBy;
import static java.util.stream.Collectors.toList;

import io.toolgate.race.checker.Tally;
import io.toolgate.race.checker.Terms;
import io.toolgate.race.checker.Terms.Recovery;
import io.toolgate.race.checker.Verdict;
import io.toolgate.race.checker.Violation;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** The violations, and the charges that are counted apart because no lease-based system can rule them out. */
final class Findings {
    private static final int MOST_OF_A_KIND = 50;

    private final Html html;
    private final Verdict verdict;
    private final Map<String, String> pictures;

    /**
     * @param pictures the anchors of the keys' pictures on the page, by key
     */
    Findings(Html html, Verdict verdict, Map<String, String> pictures) {
        this.html = html;
        this.verdict = verdict;
        this.pictures = pictures;
    }

    /** The violations by kind, the worst first. */
    void violations() {
        html.open("section", "id", "violations");
        html.leaf("h2", "Violations");
        if (verdict.held()) {
            html.leaf("p", "None.", "class", "quiet");
        }
        verdict.violations().stream()
                .collect(groupingBy(Violation::kind, TreeMap::new, toList()))
                .forEach(this::violations);
        html.close();
    }

    private void violations(Violation.Kind kind, List<Violation> of) {
        html.open("h3");
        html.text(kind.words());
        int rule = of.get(0).rule();
        html.leaf(
                "span",
                (rule > 0 ? "rule " + rule + ", " : "") + "seen " + (of.size() == 1 ? "once" : of.size() + " times"),
                "class",
                "badge");
        html.close();
        html.open("ul", "class", "violations");
        for (Violation violation : of.subList(0, Math.min(MOST_OF_A_KIND, of.size()))) {
            html.open("li");
            violation(violation);
            html.close();
        }
        html.close();
        if (of.size() > MOST_OF_A_KIND) {
            html.leaf(
                    "p",
                    "And " + Texts.number(of.size() - MOST_OF_A_KIND) + " more; --json lists all.",
                    "class",
                    "quiet");
        }
    }

    private void violation(Violation violation) {
        String key = violation.key();
        if (key != null) {
            html.leaf("strong", key);
            html.text(": ");
        }
        html.text(violation.seen());
        String picture = key == null ? null : pictures.get(key);
        if (picture != null) {
            html.text(" ");
            html.leaf("a", "see its picture", "href", "#" + picture);
        }
        if (!violation.lines().isEmpty()) {
            html.open("details");
            html.leaf("summary", Texts.count(violation.lines().size(), "line") + " of the histories and the ledger");
            html.leaf("pre", String.join("\n", violation.lines()));
            html.close();
        }
    }

    /** The charges that are counted apart, and why they are not violations. */
    void apart(Terms terms) {
        Tally tally = verdict.tally();
        html.open("section", "id", "apart");
        html.leaf("h2", "Counted apart");
        if (terms.dedupes()) {
            html.leaf(
                    "p",
                    "Nothing: the provider charges once for one provider key, so that every further charge would be a"
                            + " violation.");
        } else {
            html.open("p");
            html.leaf("strong", Texts.count(tally.chargedInWindow(), "key") + " charged again in the window. ");
            html.text("An owner checks that it still owns the key (ensureOwner()) immediately before its effect. If it"
                    + " is frozen between that check and the effect for longer than its lease, another attempt takes"
                    + " the key over, probes the provider, gets “not happened”, which is true, and charges. When the"
                    + " first owner continues, it charges as well. This window exists in every system that is built on"
                    + " leases; no check on the owner's side can close it. Only the provider can: by deduping on"
                    + " providerKey, or by refusing an attempt with an old fence.");
            html.close();
            if (tally.chargedInFlight() > 0) {
                html.open("p");
                html.leaf("strong", Texts.count(tally.chargedInFlight(), "key") + " charged again in flight. ");
                html.text("Their owners were killed while the request was in flight, and the provider took longer than"
                        + " the lease to charge: the next attempt probed it meanwhile, got “not happened”, and charged."
                        + " Make the lease longer than the provider takes, or let the probe answer “unknown” until"
                        + " then.");
                html.close();
            }
            if (terms.recovery() == Recovery.RERUN || tally.chargedByRerun() > 0) {
                html.open("p");
                html.leaf("strong", Texts.count(tally.chargedByRerun(), "key") + " charged again by a rerun. ");
                html.text("The action declares that it may run again when it is unknown whether its effect happened."
                        + " That is safe with a provider that dedupes on providerKey; this one does not, so a run whose"
                        + " owner died after the charge charges once more, as declared.");
                html.close();
            }
            if (terms.recovery() == Recovery.HOLD) {
                html.leaf("p", "With hold there is no such window: no process runs the action a second time.");
            }
        }
        html.close();
    }
}
