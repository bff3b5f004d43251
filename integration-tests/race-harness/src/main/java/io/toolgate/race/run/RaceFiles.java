package io.toolgate.race.run;

import io.toolgate.race.Digests;
import io.toolgate.race.RaceKeys;
import io.toolgate.race.checker.Evidence;
import io.toolgate.race.checker.Row;
import io.toolgate.race.checker.Terms;
import io.toolgate.race.database.Stores;
import io.toolgate.race.history.Deed;
import io.toolgate.race.history.HistoryFile;
import io.toolgate.race.provider.Ledger;
import io.toolgate.race.provider.LedgerLine;
import io.toolgate.race.racer.SqlPatch;
import io.toolgate.store.IdempotencyRecord;
import io.toolgate.store.IdempotencyStore;
import io.toolgate.store.Payload;
import io.toolgate.store.RecordId;
import io.toolgate.store.StoreException;
import io.toolgate.store.jdbc.JdbcIdempotencyStore;
import io.toolgate.support.DatabaseLogin;
import io.toolgate.support.Messages;
import io.toolgate.support.process.RunDirectory;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** The files that the processes of a race write, and the evidence made of them. */
final class RaceFiles {
    private static final int READ_AT_ONCE = 500;
    private static final String LOG = ".log";
    private static final String STATEMENTS = "io/toolgate/store/jdbc/sqlite/";

    private final RunDirectory directory;

    RaceFiles(RunDirectory directory) {
        this.directory = directory;
    }

    Path path() {
        return directory.path();
    }

    Path scratch() throws IOException {
        return directory.scratch();
    }

    Path ledger() {
        return directory.file("ledger.jsonl");
    }

    Path deeds() {
        return directory.file("harness.jsonl");
    }

    Path log(String process) {
        return directory.file(process + LOG);
    }

    /**
     * Writes changed copies of the store's statements, which replace the originals on a class path.
     *
     * @return the directory to put ahead of the class path, or null if nothing is changed
     */
    @Nullable
    Path patch(List<SqlPatch> patches) throws IOException {
        if (patches.isEmpty()) {
            return null;
        }
        Path root = scratch().resolve("patched");
        for (SqlPatch patch : patches) {
            String name = STATEMENTS + patch.statement() + ".sql";
            Path file = root.resolve(name);
            String text = Files.exists(file) ? Files.readString(file) : original(name);
            if (!text.contains(patch.from())) {
                throw new IOException(name + " has no '" + patch.from() + "' to replace");
            }
            Files.createDirectories(file.resolveSibling("."));
            Files.writeString(file, text.replace(patch.from(), patch.to()));
        }
        return root;
    }

    private static String original(String name) throws IOException {
        try (InputStream in = JdbcIdempotencyStore.class.getResourceAsStream("/" + name)) {
            if (in == null) {
                throw new IOException("there is no statement " + name + " on the class path");
            }
            return new String(in.readAllBytes(), StandardCharsets.UTF_8);
        }
    }

    /** The lines that the processes wrote to standard error, such as the store's warnings; each once. */
    List<String> complaints() throws IOException {
        Set<String> lines = new LinkedHashSet<>();
        for (Path log : directory.filesEnding(LOG)) {
            Files.readAllLines(log).stream().filter(line -> !line.isBlank()).forEach(lines::add);
        }
        return List.copyOf(lines);
    }

    /** All evidence of the run. A file that cannot be read is added to {@code mishaps}. */
    Evidence evidence(
            Terms terms,
            RaceKeys keys,
            int waves,
            List<HistoryFile> histories,
            List<Deed> deeds,
            DatabaseLogin database,
            List<String> mishaps) {
        List<String> all = new ArrayList<>(mishaps);
        List<LedgerLine> ledger = new ArrayList<>();
        Map<String, Row> rows = new HashMap<>();
        List<String> called = keys.waves(waves);
        try {
            ledger.addAll(Ledger.read(ledger()));
        } catch (IOException e) {
            all.add("the ledger cannot be read: " + Messages.oneLine(e));
        }
        try (IdempotencyStore store = Stores.open(database, 1)) {
            for (int from = 0; from < called.size(); from += READ_AT_ONCE) {
                readRows(store, keys, called.subList(from, Math.min(from + READ_AT_ONCE, called.size())), rows);
            }
        } catch (StoreException e) {
            all.add("the records cannot be read: " + Messages.oneLine(e));
        }
        // A process that was killed before it began has written nothing.
        List<HistoryFile> written =
                histories.stream().filter(file -> Files.exists(file.path())).toList();
        return new Evidence(terms, keys, called, written, deeds, ledger, rows, all);
    }

    /** Reads the records that callers would get from now on. */
    private static void readRows(IdempotencyStore store, RaceKeys keys, List<String> some, Map<String, Row> rows) {
        Map<RecordId, IdempotencyRecord> found =
                store.peekAll(some.stream().map(keys::record).toList());
        for (String key : some) {
            IdempotencyRecord record = found.get(keys.record(key));
            if (record != null) {
                rows.put(key, row(record));
            }
        }
    }

    private static Row row(IdempotencyRecord record) {
        Payload result = record.result();
        return new Row(
                record.state(),
                record.fence(),
                record.version(),
                record.token().toUuid().toString(),
                result != null && result.isAvailable() && !result.isNull() ? Digests.sha256(result.bytes()) : null);
    }
}
