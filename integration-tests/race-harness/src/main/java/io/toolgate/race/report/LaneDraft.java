package io.toolgate.race.report;

import io.toolgate.race.history.Event;
import io.toolgate.race.history.Event.ClaimResult;
import io.toolgate.race.history.Event.CompletionKind;
import io.toolgate.race.provider.LedgerLine;
import io.toolgate.race.report.KeyTimeline.Effect;
import io.toolgate.race.report.KeyTimeline.Mark;
import io.toolgate.race.report.KeyTimeline.Mark.Kind;
import io.toolgate.race.report.KeyTimeline.Moment;
import io.toolgate.race.report.KeyTimeline.Wait;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** The events of one process life about a key, while they are still being read, in the process's own order. */
final class LaneDraft {
    private final int life;
    private final long leaseNanos;
    private final Map<String, LedgerLine> ledger;
    private final Map<String, AttemptDraft> attempts = new LinkedHashMap<>();
    private final Map<String, Event.ClaimSent> claimsSent = new HashMap<>();
    private final Map<String, Event.CompletionSent> sentCompletions = new HashMap<>();
    private final Map<String, Event.EffectSent> effectsSent = new LinkedHashMap<>();
    private final Map<Long, Event.Called> called = new LinkedHashMap<>();
    private final List<Effect> effects = new ArrayList<>();
    private final List<Mark> marks = new ArrayList<>();
    private final List<Wait> waits = new ArrayList<>();

    /**
     * @param ledger the provider's entries for the key, by request
     */
    LaneDraft(int life, long leaseNanos, Map<String, LedgerLine> ledger) {
        this.life = life;
        this.leaseNanos = leaseNanos;
        this.ledger = ledger;
    }

    void add(Event event) {
        if (event instanceof Event.Called call) {
            called.put(call.call(), call);
        } else if (event instanceof Event.Answered answered) {
            answered(answered);
        } else if (event instanceof Event.EffectSent sent) {
            effectsSent.put(sent.request(), sent);
        } else if (event instanceof Event.Effected effected) {
            effected(effected);
        } else if (event instanceof Event.Probed probed) {
            mark(Kind.PROBED, probed, Texts.of(probed.found()));
        } else if (event instanceof Event.Ensured ensured && ensured.owned()) {
            mark(Kind.ENSURED, ensured, "ensureOwner() of attempt " + ensured.fence() + ": owned");
        } else {
            addOfLease(event);
        }
    }

    private void addOfLease(Event event) {
        if (event instanceof Event.ClaimSent sent) {
            claimsSent.put(sent.token(), sent);
        } else if (event instanceof Event.Claimed claimed) {
            claimsSent.remove(claimed.token());
            if (claimed.result() == ClaimResult.ACQUIRED) {
                attempts.put(claimed.token(), new AttemptDraft(life, claimed, leaseNanos));
            }
        } else if (event instanceof Event.Renewed renewed) {
            renewed(renewed);
        } else if (event instanceof Event.CompletionSent sent) {
            sentCompletions.put(sent.token(), sent);
            AttemptDraft attempt = attempts.get(sent.token());
            if (attempt != null) {
                attempt.completionSent(sent);
            }
        } else if (event instanceof Event.CompletionAnswered ended) {
            ended(ended);
        }
    }

    private void answered(Event.Answered answered) {
        Event.Called call = called.remove(answered.call());
        String detail = Stream.of(answered.receipt(), answered.detail())
                .filter(Objects::nonNull)
                .collect(Collectors.joining(", "));
        waits.add(new Wait(
                new Moment(answered.sentNanos(), call == null ? 0 : call.db()),
                answered.nanos(),
                answered.answer(),
                answered.origin(),
                detail));
    }

    private void effected(Event.Effected effected) {
        Event.EffectSent sent = effectsSent.remove(effected.request());
        String receipt = effected.receipt();
        effects.add(new Effect(
                effected.fence(),
                new Moment(effected.sentNanos(), sent == null ? 0 : sent.db()),
                effected.nanos(),
                ledger.get(effected.request()),
                receipt != null ? receipt : Objects.requireNonNullElse(effected.detail(), "no receipt")));
    }

    private void renewed(Event.Renewed renewed) {
        AttemptDraft attempt = attempts.get(renewed.token());
        if (attempt != null) {
            attempt.renewed(renewed);
        }
        // A heartbeat that crosses its own attempt's completion finds nothing to extend: the lease was not lost.
        boolean over = attempt != null && attempt.isStored();
        if (!renewed.owned() && !over) {
            mark(Kind.LOST, renewed, "attempt " + renewed.fence() + " learned that its lease was lost");
        }
    }

    private void ended(Event.CompletionAnswered ended) {
        sentCompletions.remove(ended.token());
        AttemptDraft attempt = attempts.get(ended.token());
        if (attempt != null) {
            attempt.ended(ended);
        }
        String detail = "attempt " + ended.fence() + ": " + Texts.of(ended.ending()) + " " + Texts.of(ended.result())
                + (ended.detail() == null ? "" : ", " + ended.detail());
        Kind kind = switch (ended.result()) {
            case APPLIED -> applied(ended.ending());
            case ALREADY_APPLIED -> Kind.ALREADY;
            case LEASE_LOST -> Kind.REFUSED;
            case ERROR -> Kind.FAILED;
        };
        mark(kind, ended, detail);
    }

    private static Kind applied(CompletionKind ending) {
        return switch (ending) {
            case COMPLETE -> Kind.COMPLETED;
            case REJECT -> Kind.REJECTED;
            case RELEASE -> Kind.RELEASED;
            case DOUBT -> Kind.DOUBT;
        };
    }

    void mark(Kind kind, Event event, String detail) {
        marks.add(new Mark(kind, new Moment(event.nanos(), event.db()), detail));
    }

    /**
     * Closes attempts and calls that are still open.
     *
     * @param lifeTo when the process was killed, or {@link Long#MAX_VALUE}
     * @param timelineTo when the timeline ends
     */
    void finish(long lifeTo, long timelineTo, KeyTimeline.Lane into) {
        long cut = Math.min(lifeTo, timelineTo);
        String because = lifeTo == Long.MAX_VALUE ? "never answered" : "cut by the kill: may or may not have happened";
        for (Event.EffectSent sent : effectsSent.values()) {
            effects.add(new Effect(
                    sent.fence(),
                    new Moment(sent.nanos(), sent.db()),
                    Math.max(cut, sent.nanos()),
                    ledger.get(sent.request()),
                    because));
        }
        called.values()
                .forEach(call -> waits.add(new Wait(
                        new Moment(call.nanos(), call.db()), Math.max(cut, call.nanos()), null, null, because)));
        sentCompletions.values().forEach(sent -> mark(Kind.CUT, sent, Texts.of(sent.ending()) + " " + because));
        claimsSent.values().forEach(sent -> mark(Kind.CLAIM_CUT, sent, because));
        attempts.values().forEach(attempt -> into.attempts().add(attempt.finish(lifeTo)));
        into.effects().addAll(effects);
        into.marks().addAll(marks);
        into.waits().addAll(waits);
    }
}
