package io.toolgate.race.provider;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.toolgate.support.Json;
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
    private static final LedgerLine CHARGED =
            new LedgerLine(17, LedgerLine.Kind.CHARGED, "request-1", "account é", 250, "k-1", "r-1");
    private static final LedgerLine DECLINED =
            new LedgerLine(18, LedgerLine.Kind.DECLINED, "request-2", "account é", 250, null, null);

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
            ledger.append(CHARGED);
            String one = Json.line(CHARGED) + "\n";
            assertThat(synced).containsExactly(one);
            ledger.append(DECLINED);
            assertThat(synced).containsExactly(one, one + Json.line(DECLINED) + "\n");
        }
    }

    @Test
    void aLineThatTheDiskDoesNotKeepIsNoCharge() throws IOException {
        try (Ledger ledger = Ledger.create(path, file -> {
            throw new IOException("disk full");
        })) {
            assertThatThrownBy(() -> ledger.append(CHARGED)).isInstanceOf(IOException.class);
        }
    }

    @Test
    void anOlderLedgerIsNotContinued() throws IOException {
        Files.createFile(path);
        assertThatThrownBy(() -> Ledger.create(path)).isInstanceOf(FileAlreadyExistsException.class);
    }

    @Test
    void whatIsReadIsWhatWasWritten() throws IOException {
        try (Ledger ledger = Ledger.create(path)) {
            ledger.append(CHARGED);
            ledger.append(DECLINED);
        }
        assertThat(Ledger.read(path)).containsExactly(CHARGED, DECLINED);
    }
}
