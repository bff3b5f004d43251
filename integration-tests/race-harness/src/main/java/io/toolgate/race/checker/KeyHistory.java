package io.toolgate.race.checker;

import io.toolgate.race.history.Event.Answer;
import io.toolgate.race.history.Event.Answered;
import io.toolgate.race.history.Event.CompletionKind;
import io.toolgate.race.history.Event.CompletionResult;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * The events of one key from all histories, condensed. Heartbeats and answers are aggregated, so that the size depends
 * on the number of attempts and not on the number of calls.
 */
final class KeyHistory {
    private final List<Tenure> tenures = new ArrayList<>(2);
    private final Map<String, Tenure> byToken = new HashMap<>(4);
    private final List<Completion> completions = new ArrayList<>(2);
    private final List<Completion> openCompletions = new ArrayList<>(0);
    private final List<OpenClaim> openClaims = new ArrayList<>(0);
    private final Map<List<Long>, Doubt> doubts = new LinkedHashMap<>(0);
    private final List<Effect> effects = new ArrayList<>(2);
    private final List<Absence> absences = new ArrayList<>(0);
    private final Map<AnswerKind, AnswerCount> answers = new LinkedHashMap<>(4);
    private final List<OwnAnswer> ownAnswers = new ArrayList<>(1);
    private final List<LongCall> longCalls = new ArrayList<>(0);
    private final List<SlowClaim> slowClaims = new ArrayList<>(0);
    private final List<Place> unanswered = new ArrayList<>(0);
    private final List<Denial> denials = new ArrayList<>(0);
    private final List<Swept> swept = new ArrayList<>(1);
    private final Set<String> found = new TreeSet<>();
    private final Set<Long> amounts = new TreeSet<>();
    private final Map<CompletionKind, Long> firstSent = new HashMap<>(2);
    private long calls;
    private long maxFence;
    private long maxVersion;
    private long shortestWait = Long.MAX_VALUE;
    private long lastInProgress = Long.MIN_VALUE;

    /** The completion of a run; {@code fence} is 0 if its attempt is unknown. */
    record Completion(
            Place place,
            long fence,
            CompletionKind ending,
            @Nullable String sha256,
            long sent,
            long answered,
            CompletionResult result,
            long version) {
        boolean applied() {
            return result == CompletionResult.APPLIED;
        }

        boolean finishes() {
            return ending == CompletionKind.COMPLETE || ending == CompletionKind.REJECT;
        }
    }

    /** A claim without an answer, which may or may not have been made; {@code until} is how long its caller waited. */
    record OpenClaim(long sent, long until) {}

    /** The first time that a record with this fence and version was found in doubt. */
    record Doubt(Place place, long fence, long version, long sent, long answered) {}

    /** A request to the provider; {@code ensuredSent} is {@link Tenure#ensuredSent} at that moment. */
    record Effect(Place place, @Nullable Tenure tenure, long fence, String request, long sent, long ensuredSent) {}

    /** A probe that found no charge. */
    record Absence(Place place, long fence, long answered) {}

    /** An answer of a call that itself completed the key. */
    record OwnAnswer(Place place, CompletionKind ending, long answered) {}

    /** A call that took longer than its wait, or that timed out although it waited longer than a takeover takes. */
    record LongCall(Place place, Answer answer, long sent, long answered, boolean worked) {}

    /** A call that requested a charge and then answered that it had no effect. */
    record Denial(Place place, String request, Answer answer) {}

    /** An answer to the process that sweeps at the end. */
    record Swept(Place place, Answer answer, long sent, long answered) {}

    /** A claim that the store answered slowly. */
    record SlowClaim(Place place, long sent, long answered) {}

    void called(long amount) {
        calls++;
        amounts.add(amount);
    }

    void answered(Answered answered, Place place) {
        AnswerKind kind = AnswerKind.of(answered);
        answers.computeIfAbsent(kind, k -> new AnswerCount()).add(answered, place);
        amounts.add(answered.amount());
        if (kind.answer() == Answer.IN_PROGRESS) {
            shortestWait = Math.min(shortestWait, answered.nanos() - answered.sentNanos());
            lastInProgress = Math.max(lastInProgress, answered.nanos());
        }
        if (kind.isOwn() && kind.answer() == Answer.COMPLETED) {
            ownAnswers.add(new OwnAnswer(place, CompletionKind.COMPLETE, answered.nanos()));
        } else if (kind.isOwn() && kind.answer() == Answer.REJECTED) {
            ownAnswers.add(new OwnAnswer(place, CompletionKind.REJECT, answered.nanos()));
        }
    }

    void unanswered(Place place) {
        unanswered.add(place);
    }

    void saw(long fence, long version) {
        maxFence = Math.max(maxFence, fence);
        maxVersion = Math.max(maxVersion, version);
    }

    void acquired(Tenure tenure) {
        tenures.add(tenure);
        byToken.put(tenure.token(), tenure);
    }

    void found(@Nullable String sha256) {
        if (sha256 != null) {
            found.add(sha256);
        }
    }

    void doubt(Doubt doubt) {
        doubts.merge(
                List.of(doubt.fence, doubt.version),
                doubt,
                (known, other) -> other.answered < known.answered ? other : known);
    }

    void open(OpenClaim claim) {
        openClaims.add(claim);
    }

    void effect(Effect effect) {
        effects.add(effect);
    }

    void absent(Absence absence) {
        absences.add(absence);
    }

    void completionSent(CompletionKind ending, long nanos) {
        firstSent.merge(ending, nanos, Math::min);
    }

    void ended(Completion completion) {
        completions.add(completion);
    }

    void open(Completion completion) {
        openCompletions.add(completion);
    }

    void longCall(LongCall call) {
        longCalls.add(call);
    }

    void denied(Denial denial) {
        denials.add(denial);
    }

    void swept(Swept answer) {
        swept.add(answer);
    }

    void slow(SlowClaim claim) {
        slowClaims.add(claim);
    }

    /** The attempt with this token, or null if no answer says that its claim was acquired. */
    @Nullable
    Tenure tenure(String token) {
        return byToken.get(token);
    }

    /** The latest attempt of this process with this fence, or null. */
    @Nullable
    Tenure tenure(Place process, long fence) {
        for (int i = tenures.size() - 1; i >= 0; i--) {
            Tenure tenure = tenures.get(i);
            if (tenure.fence() == fence && tenure.place().sameLife(process)) {
                return tenure;
            }
        }
        return null;
    }

    /** The number of calls. */
    long calls() {
        return calls;
    }

    List<Tenure> tenures() {
        return tenures;
    }

    /** The completions that are stored. */
    List<Completion> completions() {
        return completions;
    }

    /** The completions without an answer, which may or may not be stored. */
    List<Completion> openCompletions() {
        return openCompletions;
    }

    List<OpenClaim> openClaims() {
        return openClaims;
    }

    Iterable<Doubt> doubts() {
        return doubts.values();
    }

    List<Effect> effects() {
        return effects;
    }

    List<Absence> absences() {
        return absences;
    }

    Map<AnswerKind, AnswerCount> answers() {
        return answers;
    }

    List<OwnAnswer> ownAnswers() {
        return ownAnswers;
    }

    List<LongCall> longCalls() {
        return longCalls;
    }

    List<SlowClaim> slowClaims() {
        return slowClaims;
    }

    /** Whether the machine was too slow for the leases of this key. */
    boolean starved() {
        return tenures().stream().anyMatch(Tenure::wasStarved);
    }

    List<Denial> denials() {
        return denials;
    }

    List<Swept> swept() {
        return swept;
    }

    /** The amounts of all calls: more than one if the key was called with different inputs. */
    Set<Long> amounts() {
        return amounts;
    }

    /** The shortest wait of a call that was answered "in progress"; {@link Long#MAX_VALUE} if there is none. */
    long shortestWait() {
        return shortestWait;
    }

    /** When the last call was answered "in progress"; {@link Long#MIN_VALUE} if there is none. */
    long lastInProgress() {
        return lastInProgress;
    }

    /** The calls without an answer whose process was not killed. */
    List<Place> unanswered() {
        return unanswered;
    }

    /** The digests of the results that claims found. */
    Set<String> found() {
        return found;
    }

    /** When a completion of this kind was first sent by any process; {@link Long#MAX_VALUE} if never. */
    long firstSent(CompletionKind ending) {
        return firstSent.getOrDefault(ending, Long.MAX_VALUE);
    }

    /** The largest fence in any answer. */
    long maxFence() {
        return maxFence;
    }

    /** The largest version in any answer. */
    long maxVersion() {
        return maxVersion;
    }

    /** Whether the record may have changed by a transition whose answer no process got. */
    boolean mayHaveMovedUnseen() {
        // "Already applied" means that an earlier try was applied and its answer lost.
        return !openClaims.isEmpty()
                || !openCompletions.isEmpty()
                || completions.stream().anyMatch(completion -> completion.result() == CompletionResult.ALREADY_APPLIED);
    }
}
