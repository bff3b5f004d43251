package io.toolgate.race.checker;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.toolgate.race.RaceKeys;
import io.toolgate.race.checker.Terms.Recovery;
import io.toolgate.race.checker.Violation.Kind;
import io.toolgate.race.history.Deed;
import io.toolgate.race.history.Event;
import io.toolgate.race.history.Event.Answer;
import io.toolgate.race.history.Event.Answered;
import io.toolgate.race.history.Event.ClaimResult;
import io.toolgate.race.history.Event.ClaimSent;
import io.toolgate.race.history.Event.Claimed;
import io.toolgate.race.history.Event.CompletionAnswered;
import io.toolgate.race.history.Event.CompletionKind;
import io.toolgate.race.history.Event.CompletionResult;
import io.toolgate.race.history.Event.CompletionSent;
import io.toolgate.race.history.Event.EffectSent;
import io.toolgate.race.history.Event.Effected;
import io.toolgate.race.history.Event.Ensured;
import io.toolgate.race.history.Event.Probed;
import io.toolgate.race.history.Event.Renewed;
import io.toolgate.race.history.Event.Ticked;
import io.toolgate.race.history.HistoryFile;
import io.toolgate.race.provider.LedgerLine;
import io.toolgate.store.RecordState;
import io.toolgate.support.Json;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.Predicate;

/** A run that is written by hand, in milliseconds from its start, and in which single things can be changed. */
final class Run {
    static final int LEASE = 1000;
    static final int WAIT = 5000;

    private static final long START = 7_000_000_000L;
    private static final ObjectMapper MAPPER = new ObjectMapper();

    final RaceKeys keys;
    final List<Deed> deeds = new ArrayList<>();
    final List<LedgerLine> ledger = new ArrayList<>();
    final Map<String, Row> rows = new TreeMap<>();
    final List<String> mishaps = new ArrayList<>();
    private final List<Written> written = new ArrayList<>();
    private final Set<List<Integer>> killed = new HashSet<>();
    private final List<String> called;
    private Terms terms;
    private long calls;

    private record Written(int process, int life, Event event) {}

    Run(Terms terms, int keys) {
        this.terms = terms;
        this.keys = new RaceKeys("test", keys);
        this.called = this.keys.wave(0);
    }

    static Terms terms(Recovery recovery, boolean dedupes, boolean calm) {
        return new Terms(recovery, dedupes, calm, 3, 1, LEASE, WAIT);
    }

    static long at(long millis) {
        return START + millis * 1_000_000;
    }

    String key(int number) {
        return called.get(number);
    }

    void terms(Terms other) {
        terms = other;
    }

    void ticks(int process, int life, int from, int until) {
        add(process, life, new Event.Began(at(from), 0));
        for (int i = from; i <= until; i += 100) {
            add(process, life, new Ticked(at(i), 0));
        }
    }

    void add(int process, int life, Event event) {
        written.add(new Written(process, life, event));
    }

    void kill(int process, int life, int at) {
        killed.add(List.of(process, life));
        deeds.add(new Deed.Killed(at(at), process, life, at(at - 1), null));
    }

    void freeze(int process, int from, int until) {
        deeds.add(new Deed.Frozen(at(from + 1), process, 1, at(from), null));
        deeds.add(new Deed.Thawed(at(until), process, 1));
        written.removeIf(one -> one.process == process
                && one.event instanceof Ticked
                && one.event.nanos() > at(from)
                && one.event.nanos() < at(until));
    }

    /** A call, whose thread is that of its process: one at a time is enough here. */
    void call(int process, int life, int key, int amount, int from, int until, Answer answer, String origin) {
        calls++;
        String result = answer == Answer.COMPLETED ? result(key) : null;
        add(process, life, new Event.Called(at(from), 0, key(key), calls, 1, amount));
        add(
                process,
                life,
                new Answered(
                        at(until),
                        0,
                        key(key),
                        calls,
                        1,
                        amount,
                        at(from),
                        answer,
                        origin,
                        result,
                        result == null ? null : "receipt-" + key,
                        null));
    }

    void cutCall(int process, int life, int key, int from) {
        calls++;
        add(process, life, new Event.Called(at(from), 0, key(key), calls, 1, 100));
    }

    static String result(int key) {
        return "sha-of-result-" + key;
    }

    /** The token of the attempt with this fence. */
    static String token(int key, int fence) {
        return "token-" + key + "-" + fence;
    }

    void acquire(int process, int life, int key, int from, int until, int fence, int version, String previous) {
        add(process, life, new ClaimSent(at(from), 0, key(key), token(key, fence)));
        add(
                process,
                life,
                new Claimed(
                        at(until),
                        0,
                        key(key),
                        token(key, fence),
                        at(from),
                        ClaimResult.ACQUIRED,
                        fence,
                        version,
                        previous,
                        previous == null ? 0 : fence - 1,
                        null,
                        null));
    }

    void claim(int process, int life, int key, int from, int until, ClaimResult result, int fence, int version) {
        String token = "token-" + process + "-" + from;
        String found = result == ClaimResult.FINISHED ? result(key) : null;
        add(process, life, new ClaimSent(at(from), 0, key(key), token));
        add(
                process,
                life,
                new Claimed(at(until), 0, key(key), token, at(from), result, fence, version, null, 0, found, null));
    }

    void renew(int process, int life, int key, int fence, int from, boolean owned) {
        add(process, life, new Renewed(at(from + 2), 0, key(key), token(key, fence), fence, at(from), owned));
    }

    /** Checks the ownership, then sends the charge. */
    void effect(int process, int life, int key, int fence, int from) {
        renew(process, life, key, fence, from, true);
        add(process, life, new Ensured(at(from + 2), 0, key(key), fence, at(from), true));
        add(process, life, new EffectSent(at(from + 3), 0, key(key), fence, 1, request(key, fence)));
    }

    static String request(int key, int fence) {
        return "request-" + key + "-" + fence;
    }

    void effected(int process, int life, int key, int fence, int at) {
        add(
                process,
                life,
                new Effected(at(at), 0, key(key), fence, 1, request(key, fence), at(at - 20), "receipt-" + key, null));
    }

    void ledger(LedgerLine.Kind kind, int key, int fence, int at, String receipt, int amount) {
        ledger.add(new LedgerLine(
                at(at),
                kind,
                request(key, fence),
                keys.account(key(key)),
                amount,
                keys.providerKey(key(key)),
                receipt));
    }

    void charge(int key, int fence, int at) {
        ledger(LedgerLine.Kind.CHARGED, key, fence, at, "receipt-" + key, 100);
    }

    void probe(int process, int life, int key, int fence, int at, String found) {
        add(process, life, new Probed(at(at), 0, key(key), fence, 1, at(at - 3), found));
    }

    void completionSent(int process, int life, int key, int fence, int at, CompletionKind ending) {
        String sha256 = ending == CompletionKind.COMPLETE ? result(key) : null;
        add(process, life, new CompletionSent(at(at), 0, key(key), token(key, fence), fence, ending, sha256));
    }

    void end(
            int process,
            int life,
            int key,
            int fence,
            int from,
            int until,
            CompletionKind ending,
            CompletionResult result,
            String previous,
            int version) {
        completionSent(process, life, key, fence, from, ending);
        String sha256 = ending == CompletionKind.COMPLETE ? result(key) : null;
        add(
                process,
                life,
                new CompletionAnswered(
                        at(until),
                        0,
                        key(key),
                        token(key, fence),
                        fence,
                        ending,
                        sha256,
                        at(from),
                        result,
                        previous,
                        version,
                        null));
    }

    void applied(int process, int life, int key, int fence, int from, CompletionKind ending, int version) {
        end(process, life, key, fence, from, from + 3, ending, CompletionResult.APPLIED, "IN_PROGRESS", version);
    }

    void row(int key, RecordState state, int fence, int version) {
        rows.put(
                key(key),
                new Row(state, fence, version, token(key, fence), state == RecordState.COMPLETED ? result(key) : null));
    }

    /** A run of an attempt that meets no trouble, from its claim, 40 ms long. */
    void executes(int process, int life, int key, int fence, int from, int version) {
        acquire(process, life, key, from, from + 3, fence, version, fence == 1 ? null : "RETRYABLE");
        effect(process, life, key, fence, from + 4);
        charge(key, fence, from + 20);
        effected(process, life, key, fence, from + 30);
        applied(process, life, key, fence, from + 31, CompletionKind.COMPLETE, version + 1);
    }

    /** Changes members, by their names in the file, of the one event that fits. */
    <E extends Event> void change(Class<E> type, Predicate<E> which, Map<String, ?> members) {
        List<Integer> found = indexes(type, which, 0);
        assertThat(found).as("events to change").hasSize(1);
        Written old = written.get(found.get(0));
        try {
            ObjectNode node = (ObjectNode) MAPPER.readTree(Json.line(old.event));
            members.forEach((name, value) -> {
                assertThat(node.has(name)).as("member %s of %s", name, node).isTrue();
                node.set(name, MAPPER.convertValue(value, JsonNode.class));
            });
            written.set(found.get(0), new Written(old.process, old.life, Json.read(node.toString(), Event.class)));
        } catch (IOException e) {
            throw new AssertionError(e);
        }
    }

    /** Removes all events that fit, and of all processes if {@code process} is 0. */
    <E extends Event> void remove(Class<E> type, Predicate<E> which, int process) {
        List<Integer> found = indexes(type, which, process);
        assertThat(found).as("events to remove").isNotEmpty();
        for (int i = found.size() - 1; i >= 0; i--) {
            written.remove((int) found.get(i));
        }
    }

    <E extends Event> void remove(Class<E> type, Predicate<E> which) {
        remove(type, which, 0);
    }

    private <E extends Event> List<Integer> indexes(Class<E> type, Predicate<E> which, int process) {
        List<Integer> found = new ArrayList<>();
        for (int i = 0; i < written.size(); i++) {
            Written one = written.get(i);
            if ((process == 0 || one.process == process)
                    && type.isInstance(one.event)
                    && which.test(type.cast(one.event))) {
                found.add(i);
            }
        }
        return found;
    }

    Predicate<Event> of(int key) {
        return event -> key(key).equals(event.key());
    }

    Evidence evidence(Path directory) throws IOException {
        Map<List<Integer>, List<Written>> lives = new TreeMap<>(Comparator.comparing(List::toString));
        for (Written one : written) {
            lives.computeIfAbsent(List.of(one.process, one.life), l -> new ArrayList<>())
                    .add(one);
        }
        List<HistoryFile> files = new ArrayList<>();
        for (Map.Entry<List<Integer>, List<Written>> life : lives.entrySet()) {
            int process = life.getKey().get(0);
            int number = life.getKey().get(1);
            Path path = directory.resolve("history-" + process + "-" + number + ".jsonl");
            List<Written> lines = life.getValue();
            lines.sort(Comparator.comparingLong(one -> one.event.nanos()));
            Files.write(path, lines.stream().map(one -> Json.line(one.event)).toList());
            files.add(new HistoryFile(process, number, path, killed.contains(life.getKey())));
        }
        List<Deed> inOrder = new ArrayList<>(deeds);
        inOrder.sort(Comparator.comparingLong(Deed::nanos));
        return new Evidence(terms, keys, called, files, inOrder, ledger, rows, mishaps);
    }

    Verdict check(Path directory) throws IOException {
        return Checker.check(evidence(directory));
    }

    List<Kind> kinds(Path directory) throws IOException {
        return check(directory).violations().stream().map(Violation::kind).toList();
    }
}
