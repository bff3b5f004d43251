package io.toolgate.race.checker;

import io.toolgate.race.checker.KeyHistory.Absence;
import io.toolgate.race.checker.KeyHistory.Completion;
import io.toolgate.race.checker.KeyHistory.Doubt;
import io.toolgate.race.checker.KeyHistory.Effect;
import io.toolgate.race.checker.KeyHistory.LongCall;
import io.toolgate.race.checker.KeyHistory.OpenClaim;
import io.toolgate.race.checker.KeyHistory.SlowClaim;
import io.toolgate.race.checker.Spans.Span;
import io.toolgate.race.history.Event;
import io.toolgate.race.history.Event.Answer;
import io.toolgate.race.history.Event.ClaimResult;
import io.toolgate.race.history.Event.CompletionKind;
import io.toolgate.race.history.Event.CompletionResult;
import io.toolgate.race.history.HistoryFile;
import io.toolgate.race.history.Line;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/** Reader of one process's history file into the histories of its keys, line by line. */
final class LifeReader {
    /** A longer gap between two ticks means that the process did not run. */
    private static final long GAP_NANOS = TimeUnit.MILLISECONDS.toNanos(3 * Event.TICK_MILLIS);

    private static final long SLOW_CLAIM_NANOS = TimeUnit.MILLISECONDS.toNanos(250);

    private final HistoryFile file;
    private final Limits limits;
    private final Map<String, KeyHistory> keys;
    private final Map<String, Integer> numbers;
    private final Counts counts;
    private final List<Span> gaps = new ArrayList<>();
    private final Map<Long, Open<Event.Called>> calls = new HashMap<>();
    private final Map<String, Event.ClaimSent> claims = new HashMap<>();
    private final Map<String, Open<Event.CompletionSent>> sentCompletions = new HashMap<>();
    private final Map<Integer, Long> workedAt = new HashMap<>();
    private final Map<Integer, Event.EffectSent> effects = new HashMap<>();
    private @Nullable Event lastTick;

    private record Open<E>(Place place, E event) {}

    LifeReader(
            HistoryFile file,
            Limits limits,
            Map<String, KeyHistory> keys,
            Map<String, Integer> numbers,
            Counts counts) {
        this.file = file;
        this.limits = limits;
        this.keys = keys;
        this.numbers = numbers;
        this.counts = counts;
    }

    void read(Line line) {
        Event event = line.event();
        if (event instanceof Event.Began || event instanceof Event.Ticked) {
            tick(event);
            return;
        }
        String text = event.key();
        KeyHistory key = text == null ? null : keys.get(text);
        if (text == null || key == null) {
            // About the process, or about a key outside the race.
            return;
        }
        Place place = Place.of(line);
        if (event instanceof Event.Called called) {
            calls.put(called.call(), new Open<>(place, called));
            key.called(called.amount());
            counts.called(file.process());
        } else if (event instanceof Event.Answered answered) {
            answered(key, answered, place);
        } else if (event instanceof Event.ClaimSent sent) {
            claims.put(sent.token(), sent);
        } else if (event instanceof Event.Claimed claimed) {
            claimed(key, claimed, place);
        } else if (event instanceof Event.CompletionSent sent) {
            completionSent(key, sent, place);
        } else if (event instanceof Event.CompletionAnswered ended) {
            ended(key, ended, place);
        } else {
            run(key, event, place);
        }
    }

    private void tick(Event event) {
        if (lastTick != null && event.nanos() - lastTick.nanos() > GAP_NANOS) {
            gaps.add(new Span(lastTick.nanos(), event.nanos()));
        }
        lastTick = event;
    }

    private void answered(KeyHistory key, Event.Answered answered, Place place) {
        calls.remove(answered.call());
        key.answered(answered, place);
        counts.answered(
                file.process(),
                AnswerKind.of(answered),
                numbers.getOrDefault(answered.key(), -1),
                answered.sentNanos(),
                answered.nanos());
        if (file.process() == Counts.SWEEPER) {
            key.swept(new KeyHistory.Swept(place, answered.answer(), answered.sentNanos(), answered.nanos()));
        }
        Event.EffectSent effect = effects.get(answered.thread());
        if (effect != null && effect.nanos() >= answered.sentNanos() && deniesEffect(answered)) {
            key.denied(new KeyHistory.Denial(place, effect.request(), answered.answer()));
        }
        long took = answered.nanos() - answered.sentNanos();
        boolean inVain = answered.answer() == Answer.IN_PROGRESS && took >= limits.takeoverNanos();
        if (took > limits.answerNanos() || inVain) {
            boolean worked = workedAt.getOrDefault(answered.thread(), Long.MIN_VALUE) >= answered.sentNanos();
            key.longCall(new LongCall(place, answered.answer(), answered.sentNanos(), answered.nanos(), worked));
        }
    }

    private static boolean deniesEffect(Event.Answered answered) {
        return answered.answer() == Answer.RETRYABLE
                || (answered.answer() == Answer.ERROR && AnswerKind.of(answered).isNotExecuted());
    }

    private void claimed(KeyHistory key, Event.Claimed claimed, Place place) {
        claims.remove(claimed.token());
        key.saw(claimed.fence(), claimed.version());
        if (claimed.nanos() - claimed.sentNanos() > SLOW_CLAIM_NANOS) {
            key.slow(new SlowClaim(place, claimed.sentNanos(), claimed.nanos()));
        }
        if (claimed.result() == ClaimResult.ACQUIRED) {
            key.acquired(new Tenure(claimed, place, limits.leaseNanos()));
            if (claimed.tookOver()) {
                counts.tookOver();
            }
        } else if (claimed.result() == ClaimResult.IN_DOUBT) {
            key.doubt(new Doubt(place, claimed.fence(), claimed.version(), claimed.sentNanos(), claimed.nanos()));
        } else if (claimed.result() == ClaimResult.FINISHED) {
            key.found(claimed.sha256());
        } else if (claimed.result() == ClaimResult.ERROR) {
            key.open(new OpenClaim(claimed.sentNanos(), claimed.nanos()));
        }
    }

    private void run(KeyHistory key, Event event, Place place) {
        if (event instanceof Event.Renewed renewed) {
            Tenure tenure = key.tenure(renewed.token());
            if (tenure != null) {
                tenure.beat(renewed.sentNanos(), renewed.nanos());
                if (renewed.owned()) {
                    tenure.renewed(renewed.sentNanos());
                }
            }
        } else if (event instanceof Event.Ensured ensured && ensured.owned()) {
            Tenure tenure = key.tenure(place, ensured.fence());
            if (tenure != null) {
                tenure.ensured(ensured.sentNanos());
            }
        } else if (event instanceof Event.EffectSent sent) {
            workedAt.put(sent.thread(), sent.nanos());
            if (sent.thread() > 0) {
                effects.put(sent.thread(), sent);
            }
            Tenure tenure = key.tenure(place, sent.fence());
            long ensuredSent = tenure == null ? Long.MIN_VALUE : tenure.ensuredSent();
            key.effect(new Effect(place, tenure, sent.fence(), sent.request(), sent.nanos(), ensuredSent));
        } else if (event instanceof Event.Probed probed) {
            workedAt.put(probed.thread(), probed.nanos());
            if ("NOT_HAPPENED".equals(probed.found())) {
                key.absent(new Absence(place, probed.fence(), probed.nanos()));
            }
        }
    }

    private void completionSent(KeyHistory key, Event.CompletionSent sent, Place place) {
        sentCompletions.put(sent.token() + sent.ending(), new Open<>(place, sent));
        key.completionSent(sent.ending(), sent.nanos());
        Tenure tenure = key.tenure(sent.token());
        if (tenure != null) {
            tenure.ending(sent.nanos());
        }
    }

    private void ended(KeyHistory key, Event.CompletionAnswered ended, Place place) {
        sentCompletions.remove(ended.token() + ended.ending());
        Tenure tenure = key.tenure(ended.token());
        Completion completion = new Completion(
                place,
                // A claim without an answer is released under a fence that is not its own.
                tenure == null ? 0 : tenure.fence(),
                ended.ending(),
                ended.sha256(),
                ended.sentNanos(),
                ended.nanos(),
                ended.result(),
                ended.version());
        if (ended.result() == CompletionResult.ERROR) {
            key.open(completion);
            return;
        }
        if (ended.result() == CompletionResult.LEASE_LOST) {
            if (tenure != null) {
                counts.refusedStale();
                if (ended.ending() != CompletionKind.DOUBT) {
                    tenure.refused();
                }
            }
            return;
        }
        key.ended(completion);
        if (tenure != null) {
            tenure.ended(ended.nanos());
        }
        if (completion.applied()) {
            key.saw(0, ended.version());
            if ("IN_DOUBT".equals(ended.previousState())) {
                counts.lateResult();
            }
        }
    }

    /**
     * Ends the reading: requests that have no answer yet will get none. Returns the spans in which the process did not
     * run.
     */
    List<Span> finish() {
        calls.values().forEach(open -> {
            if (file.killed()) {
                counts.unanswered(file.process());
            } else {
                known(open.event().key()).unanswered(open.place());
            }
        });
        // A claim may take effect after its sender died; a lease is taken as the upper bound of that delay.
        claims.values()
                .forEach(sent ->
                        known(sent.key()).open(new OpenClaim(sent.nanos(), sent.nanos() + limits.leaseNanos())));
        sentCompletions.values().forEach(open -> {
            Event.CompletionSent sent = open.event();
            KeyHistory key = known(sent.key());
            Tenure tenure = key.tenure(sent.token());
            long fence = tenure == null ? 0 : tenure.fence();
            key.open(new Completion(
                    open.place(),
                    fence,
                    sent.ending(),
                    sent.sha256(),
                    sent.nanos(),
                    Long.MAX_VALUE,
                    CompletionResult.ERROR,
                    0));
        });
        return gaps;
    }

    private KeyHistory known(String text) {
        KeyHistory key = keys.get(text);
        if (key == null) {
            throw new IllegalStateException(text + " is no key of this race, although its events were read");
        }
        return key;
    }
}
