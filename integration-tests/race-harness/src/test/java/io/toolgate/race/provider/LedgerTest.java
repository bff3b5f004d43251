package io.toolgate.race.provider;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.toolgate.race.Json;
import java.io.IOException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class LedgerTest {
    @TempDir
    Path directory;

    private Path path;

    @BeforeEach
    void name() {
        path = directory.resolve("ledger.jsonl");
    }

    @Test
    void aLineIsWrittenAndThenSyncedBeforeAppendReturns() throws IOException {
        List<String> synced = new ArrayList<>();
        try (Ledger ledger = Ledger.create(path, file -> synced.add(Files.readString(path)))) {
            ledger.append("one");
            assertThat(synced).containsExactly("one\n");
            ledger.append("two");
            assertThat(synced).containsExactly("one\n", "one\ntwo\n");
        }
    }

    @Test
    void aLineThatTheDiskDoesNotKeepIsNoCharge() throws IOException {
        try (Ledger ledger = Ledger.create(path, file -> {
            throw new IOException("disk full");
        })) {
            assertThatThrownBy(() -> ledger.append("one")).isInstanceOf(IOException.class);
        }
    }

    @Test
    void anOlderLedgerIsNotContinued() throws IOException {
        Files.createFile(path);
        assertThatThrownBy(() -> Ledger.create(path)).isInstanceOf(FileAlreadyExistsException.class);
    }

    @Test
    void whatIsReadIsWhatWasWritten() throws IOException {
        Charge charge = new Charge("r-1", "account é", 250, "k-1");
        try (Ledger ledger = Ledger.create(path)) {
            ledger.append(Json.line(charge));
        }
        assertThat(Ledger.read(path)).containsExactly(charge);
    }
}
