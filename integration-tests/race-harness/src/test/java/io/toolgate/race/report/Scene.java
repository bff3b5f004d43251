package io.toolgate.race.report;

import io.toolgate.race.Digests;
import io.toolgate.race.RaceKeys;
import io.toolgate.race.checker.Evidence;
import io.toolgate.race.checker.Row;
import io.toolgate.race.checker.Terms;
import io.toolgate.race.history.Deed;
import io.toolgate.race.history.Event;
import io.toolgate.race.history.Event.Answer;
import io.toolgate.race.history.Event.ClaimResult;
import io.toolgate.race.history.Event.CompletionKind;
import io.toolgate.race.history.Event.CompletionResult;
import io.toolgate.race.history.HistoryFile;
import io.toolgate.race.provider.LedgerLine;
import io.toolgate.store.RecordState;
import io.toolgate.support.Json;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * An invented run, built step by step in milliseconds and written to history files as a real one's. Processes are named
 * by their place, and live their first life until {@link #killed}.
 */
final class Scene {
    static final long START = 5_000_000_000_000L;
    static final long LEASE_MILLIS = 1000;

    private final Map<Integer, Integer> lives = new TreeMap<>();
    private final Map<List<Integer>, List<Event>> events = new HashMap<>();
    private final List<Deed> deeds = new ArrayList<>();
    private final List<LedgerLine> ledger = new ArrayList<>();
    private final List<String> called = new ArrayList<>();
    private final Map<String, Row> rows = new HashMap<>();
    private final Map<String, Long> sent = new HashMap<>();
    private final RaceKeys keys = new RaceKeys("tenant", 1000);
    private final boolean dedupes;
    private long calls;
    private double offset;

    Scene(boolean dedupes) {
        this.dedupes = dedupes;
    }

    /** All times told from now on are counted from here. */
    void from(double millis) {
        offset = millis;
    }

    long nanos(double millis) {
        return START + Math.round((offset + millis) * 1e6);
    }

    private long db(double millis) {
        return 1_700_000_000_000_000L + Math.round((offset + millis) * 1e3);
    }

    private int life(int process) {
        return lives.getOrDefault(process, 1);
    }

    private void add(int process, Event event) {
        events.computeIfAbsent(List.of(process, life(process)), of -> new ArrayList<>())
                .add(event);
    }

    void key(String key) {
        called.add(key);
    }

    /** A call and its answer; {@code to} below zero if it never came. */
    void call(int process, String key, double from, double to, @Nullable Answer answer, @Nullable String origin) {
        long call = ++calls;
        add(process, new Event.Called(nanos(from), db(from), key, call, 1, 100));
        if (answer != null) {
            boolean result = answer == Answer.COMPLETED;
            add(
                    process,
                    new Event.Answered(
                            nanos(to),
                            db(to),
                            key,
                            call,
                            1,
                            100,
                            nanos(from),
                            answer,
                            origin,
                            result ? sha(key) : null,
                            result ? "receipt-" + key : null,
                            result ? null : "told so"));
        }
    }

    static String sha(String key) {
        return Digests.sha256(key);
    }

    void waiter(int process, String key, double from, double to) {
        call(process, key, from, to, Answer.COMPLETED, "REPLAYED");
    }

    private static String token(String key, long fence) {
        return key + "/" + fence;
    }

    void claim(int process, String key, long fence, double sentAt, double at, @Nullable String previousState) {
        String token = token(key, fence);
        add(process, new Event.ClaimSent(nanos(sentAt), db(sentAt), key, token));
        add(
                process,
                new Event.Claimed(
                        nanos(at),
                        db(at),
                        key,
                        token,
                        nanos(sentAt),
                        ClaimResult.ACQUIRED,
                        fence,
                        fence,
                        previousState,
                        previousState == null ? 0 : fence - 1,
                        null,
                        null));
    }

    void toldInDoubt(int process, String key, double at) {
        add(
                process,
                new Event.Claimed(
                        nanos(at), db(at), key, "t", nanos(at - 2), ClaimResult.IN_DOUBT, 1, 2, null, 0, null, null));
    }

    void renew(int process, String key, long fence, double at, boolean owned) {
        add(process, new Event.Renewed(nanos(at), db(at), key, token(key, fence), fence, nanos(at - 3), owned));
    }

    void ensure(int process, String key, long fence, double at) {
        renew(process, key, fence, at, true);
        add(process, new Event.Ensured(nanos(at), db(at), key, fence, nanos(at - 3), true));
    }

    void effectSent(int process, String key, long fence, double at) {
        sent.put(token(key, fence), nanos(at));
        add(process, new Event.EffectSent(nanos(at), db(at), key, fence, 1, token(key, fence)));
    }

    void ledger(String key, long fence, double at, LedgerLine.Kind kind) {
        ledger.add(new LedgerLine(
                nanos(at),
                kind,
                token(key, fence),
                keys.account(key),
                100,
                keys.providerKey(key),
                "receipt-" + key + (fence == 1 ? "" : "-" + fence)));
    }

    void effected(int process, String key, long fence, double at) {
        String token = token(key, fence);
        add(
                process,
                new Event.Effected(
                        nanos(at), db(at), key, fence, 1, token, sent.getOrDefault(token, 0L), "receipt-" + key, null));
    }

    void probe(int process, String key, long fence, double at, String found) {
        add(process, new Event.Probed(nanos(at), db(at), key, fence, 1, nanos(at - 10), found));
    }

    void completionSent(int process, String key, long fence, double at) {
        add(
                process,
                new Event.CompletionSent(
                        nanos(at), db(at), key, token(key, fence), fence, CompletionKind.COMPLETE, sha(key)));
    }

    void ended(int process, String key, long fence, double at, CompletionResult result) {
        completionSent(process, key, fence, at - 5);
        add(
                process,
                new Event.CompletionAnswered(
                        nanos(at),
                        db(at),
                        key,
                        token(key, fence),
                        fence,
                        CompletionKind.COMPLETE,
                        sha(key),
                        nanos(at - 5),
                        result,
                        result == CompletionResult.APPLIED ? "IN_PROGRESS" : null,
                        result == CompletionResult.APPLIED ? fence + 1 : 0,
                        null));
        if (result == CompletionResult.APPLIED) {
            row(key, RecordState.COMPLETED, fence);
        }
    }

    void row(String key, RecordState state, long fence) {
        String sha256 = state == RecordState.COMPLETED ? sha(key) : null;
        rows.put(key, new Row(state, fence, fence + 1, token(key, fence), sha256));
    }

    /** A run as it should be, between {@code from} and {@code to}. */
    void run(int process, String key, long fence, double from, double to) {
        claim(process, key, fence, from, from + 4, null);
        ensure(process, key, fence, from + 8);
        effectSent(process, key, fence, from + 9);
        ledger(key, fence, to - 12, LedgerLine.Kind.CHARGED);
        effected(process, key, fence, to - 8);
        ended(process, key, fence, to, CompletionResult.APPLIED);
    }

    void killed(int process, double at, @Nullable String point) {
        deeds.add(new Deed.Killed(nanos(at), process, life(process), nanos(at - 1), point));
    }

    void spawned(int process, double at) {
        lives.put(process, life(process) + 1);
        deeds.add(new Deed.Spawned(nanos(at), process, life(process), 4711));
    }

    void frozen(int process, double from, double to, @Nullable String point) {
        deeds.add(new Deed.Frozen(nanos(from), process, life(process), nanos(from - 1), point));
        deeds.add(new Deed.Thawed(nanos(to), process, life(process)));
    }

    void reclocked(int process, double at, long offsetMillis) {
        deeds.add(new Deed.Reclocked(nanos(at), process, life(process), offsetMillis));
    }

    Evidence write(Path directory) throws IOException {
        List<HistoryFile> files = new ArrayList<>();
        for (Map.Entry<List<Integer>, List<Event>> entry : events.entrySet()) {
            int process = entry.getKey().get(0);
            int life = entry.getKey().get(1);
            Path file = directory.resolve("history-" + process + "-" + life + ".jsonl");
            Files.write(
                    file,
                    entry.getValue().stream()
                            .sorted(Comparator.comparingLong(Event::nanos))
                            .map(Json::line)
                            .toList());
            boolean killed = deeds.stream()
                    .anyMatch(deed -> deed instanceof Deed.Killed of && of.process() == process && of.life() == life);
            files.add(new HistoryFile(process, life, file, killed));
        }
        deeds.sort(Comparator.comparingLong(Deed::nanos));
        ledger.sort(Comparator.comparingLong(LedgerLine::nanos));
        return new Evidence(
                new Terms(Terms.Recovery.PROBE, dedupes, deeds.isEmpty(), 4, 8, LEASE_MILLIS, 5000),
                keys,
                called,
                files,
                deeds,
                ledger,
                rows,
                List.of());
    }
}
