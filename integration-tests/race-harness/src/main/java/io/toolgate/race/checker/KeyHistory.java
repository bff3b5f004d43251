package io.toolgate.race.checker;

import io.toolgate.race.history.Event.Answer;
import io.toolgate.race.history.Event.Answered;
import io.toolgate.race.history.Event.EndResult;
import io.toolgate.race.history.Event.Ending;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * What all histories together say about one key, as far as it matters. Heartbeats and answers are folded into what they
 * amount to, so that its size goes with the number of attempts and not with the number of calls.
 */
final class KeyHistory {
    private final List<Tenure> tenures = new ArrayList<>(2);
    private final Map<String, Tenure> byToken = new HashMap<>(4);
    private final List<End> ends = new ArrayList<>(2);
    private final List<End> openEnds = new ArrayList<>(0);
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
    private final Map<Ending, Long> firstSent = new HashMap<>(2);
    private long calls;
    private long maxFence;
    private long maxVersion;
    private long shortestWait = Long.MAX_VALUE;
    private long lastInProgress = Long.MIN_VALUE;

    /** The end of a run; {@code fence} is 0 if it is not known which attempt it belongs to. */
    record End(
            Place place,
            long fence,
            Ending ending,
            @Nullable String sha256,
            long sent,
            long answered,
            EndResult result,
            long version) {
        boolean applied() {
            return result == EndResult.APPLIED;
        }

        boolean finishes() {
            return ending == Ending.COMPLETE || ending == Ending.REJECT;
        }
    }

    /** A claim that may or may not have been made, because its answer never came; {@code until} it was waited for. */
    record OpenClaim(long sent, long until) {}

    /** A record was found in doubt; the first time that this fence and version were. */
    record Doubt(Place place, long fence, long version, long sent, long answered) {}

    /** A request to the provider; {@code ensuredSent} as in {@link Tenure#ensuredSent}, at that moment. */
    record Effect(Place place, @Nullable Tenure tenure, long fence, String request, long sent, long ensuredSent) {}

    /** A probe found that the charge did not happen. */
    record Absence(Place place, long fence, long answered) {}

    /** An answer of a call that itself brought the key to its end. */
    record OwnAnswer(Place place, Ending ending, long answered) {}

    /** A call that took longer than its wait, or that waited in vain for longer than a takeover takes. */
    record LongCall(Place place, Answer answer, long sent, long answered, boolean worked) {}

    /** A call that said, after it had asked for a charge, that it had no effect. */
    record Denial(Place place, String request, Answer answer) {}

    /** What the process that sweeps was told. */
    record Swept(Place place, Answer answer, long sent, long answered) {}

    /** A claim that the store was slow to answer. */
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
            ownAnswers.add(new OwnAnswer(place, Ending.COMPLETE, answered.nanos()));
        } else if (kind.isOwn() && kind.answer() == Answer.REJECTED) {
            ownAnswers.add(new OwnAnswer(place, Ending.REJECT, answered.nanos()));
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

    void endSent(Ending ending, long nanos) {
        firstSent.merge(ending, nanos, Math::min);
    }

    void ended(End end) {
        ends.add(end);
    }

    void open(End end) {
        openEnds.add(end);
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

    /** The attempt that this claim's token belongs to, or null if no answer says that it was acquired. */
    @Nullable
    Tenure tenure(String token) {
        return byToken.get(token);
    }

    /** The attempt that this very process knows by this fence; the latest, should there be more. */
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

    /** How many calls were begun. */
    long calls() {
        return calls;
    }

    List<Tenure> tenures() {
        return tenures;
    }

    /** The ends that are stored. */
    List<End> ends() {
        return ends;
    }

    /** The ends that may or may not be stored. */
    List<End> openEnds() {
        return openEnds;
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

    /** The amounts of all calls: more than one if they came with different inputs. */
    Set<Long> amounts() {
        return amounts;
    }

    /** How long the least patient of those waited that were told "in progress"; {@link Long#MAX_VALUE} if none was. */
    long shortestWait() {
        return shortestWait;
    }

    /** When the last call was told "in progress"; {@link Long#MIN_VALUE} if none was. */
    long lastInProgress() {
        return lastInProgress;
    }

    /** Calls that were never answered though nobody killed their process. */
    List<Place> unanswered() {
        return unanswered;
    }

    /** The results that claims found. */
    Set<String> found() {
        return found;
    }

    /** When an end of this kind was first sent by anybody; {@link Long#MAX_VALUE} if never. */
    long firstSent(Ending ending) {
        return firstSent.getOrDefault(ending, Long.MAX_VALUE);
    }

    /** The largest fence that anybody was told. */
    long maxFence() {
        return maxFence;
    }

    /** The largest version that anybody was told. */
    long maxVersion() {
        return maxVersion;
    }

    /** Whether something may have moved the record that nobody was told about. */
    boolean mayHaveMovedUnseen() {
        // An end that was "already applied" was applied by a try whose answer was lost.
        return !openClaims.isEmpty()
                || !openEnds.isEmpty()
                || ends.stream().anyMatch(end -> end.result() == EndResult.ALREADY_APPLIED);
    }
}
