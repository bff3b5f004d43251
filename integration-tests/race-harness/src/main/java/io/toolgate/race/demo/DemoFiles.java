package io.toolgate.race.demo;

import static java.util.function.Function.identity;
import static java.util.stream.Collectors.toMap;

import io.toolgate.race.Digests;
import io.toolgate.race.Json;
import io.toolgate.race.Messages;
import io.toolgate.race.database.Database;
import io.toolgate.race.process.RunDirectory;
import io.toolgate.race.provider.Charge;
import io.toolgate.race.provider.Ledger;
import io.toolgate.race.provider.LedgerLine;
import io.toolgate.race.verdict.Evidence;
import io.toolgate.race.worker.CallLine;
import io.toolgate.race.worker.RaceKeys;
import io.toolgate.store.IdempotencyRecord;
import io.toolgate.store.IdempotencyStore;
import io.toolgate.store.Payload;
import io.toolgate.store.RecordId;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;

/** Where a demo's processes write, and how what they wrote becomes evidence. */
final class DemoFiles {
    private static final int READ_AT_ONCE = 500;
    private static final String LOG = ".log";

    private final RunDirectory files;
    private final DemoSettings settings;
    private final RaceKeys keys;

    DemoFiles(RunDirectory files, DemoSettings settings, RaceKeys keys) {
        this.files = files;
        this.settings = settings;
        this.keys = keys;
    }

    static Path ledger(RunDirectory files) {
        return files.file("ledger.jsonl");
    }

    static Path calls(RunDirectory files, int worker) {
        return files.file("calls-" + worker + ".jsonl");
    }

    static Path log(RunDirectory files, String process) {
        return files.file(process + LOG);
    }

    /** What the processes wrote to their standard errors, such as the store's warnings: each line once. */
    static List<String> complaints(RunDirectory files) throws IOException {
        Set<String> lines = new LinkedHashSet<>();
        for (Path log : files.filesEnding(LOG)) {
            Files.readAllLines(log).stream().filter(line -> !line.isBlank()).forEach(lines::add);
        }
        return List.copyOf(lines);
    }

    /** All that the run left. A file that cannot be read is one more thing that went wrong. */
    Evidence evidence(Database database, List<String> mishaps) {
        List<String> all = new ArrayList<>(mishaps);
        List<Charge> charges = new ArrayList<>();
        read(all, "the ledger", () -> charges.addAll(charges(Ledger.read(ledger(files)))));
        List<CallLine> calls = new ArrayList<>();
        for (int worker = 1; worker <= settings.processes(); worker++) {
            Path file = calls(files, worker);
            read(all, "the calls of process " + worker, () -> {
                if (Files.exists(file)) {
                    Json.readLines(file, CallLine.class, calls::add);
                }
            });
        }
        Map<String, String> records = new HashMap<>();
        read(all, "the records", () -> readRecords(database, records));
        return new Evidence(
                keys.all(),
                keys.all().stream().collect(toMap(identity(), keys::account)),
                keys.all().stream().collect(toMap(identity(), keys::providerKey)),
                settings.processes(),
                settings.duplicates(),
                charges,
                calls,
                records,
                all);
    }

    private static List<Charge> charges(List<LedgerLine> lines) {
        return lines.stream()
                .filter(line -> line.kind() == LedgerLine.Kind.CHARGED)
                .map(line -> new Charge(
                        Objects.requireNonNull(line.receipt()), line.account(), line.amount(), line.providerKey()))
                .toList();
    }

    private interface Reading {
        void run() throws IOException;
    }

    private static void read(List<String> mishaps, String what, Reading reading) {
        try {
            reading.run();
        } catch (IOException e) {
            mishaps.add(what + " cannot be read: " + Messages.oneLine(e));
        }
    }

    /** Reads with a store of its own what a caller would be told from now on. */
    private void readRecords(Database database, Map<String, String> records) throws IOException {
        List<String> texts = keys.all();
        try (IdempotencyStore store = database.open(1)) {
            for (int from = 0; from < texts.size(); from += READ_AT_ONCE) {
                List<String> some = texts.subList(from, Math.min(from + READ_AT_ONCE, texts.size()));
                Map<RecordId, IdempotencyRecord> found =
                        store.peekAll(some.stream().map(keys::record).toList());
                for (String text : some) {
                    IdempotencyRecord record = found.get(keys.record(text));
                    if (record != null) {
                        records.put(text, describe(record));
                    }
                }
            }
        } catch (RuntimeException e) {
            throw new IOException(e);
        }
    }

    private static String describe(IdempotencyRecord record) {
        Payload result = record.result();
        return result != null && result.isAvailable()
                ? Digests.sha256(result.bytes())
                : record.state().toString();
    }
}
