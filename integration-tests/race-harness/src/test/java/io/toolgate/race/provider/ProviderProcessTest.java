package io.toolgate.race.provider;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.tuple;

import io.toolgate.race.RaceMain;
import io.toolgate.support.Json;
import io.toolgate.support.process.JavaCommand;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(120)
class ProviderProcessTest {
    private static final Duration PATIENCE = Duration.ofSeconds(60);

    @TempDir
    Path directory;

    @Test
    void itChargesInAProcessOfItsOwnUntilItIsStopped() throws Exception {
        Path ledger = directory.resolve("ledger.jsonl");
        try (ProviderProcess provider = start(ledger)) {
            ProviderClient client = new ProviderClient(provider.port(PATIENCE), PATIENCE);
            client.greet();
            ChargeRequest request = new ChargeRequest("account-1", 100);
            String receipt = new String(client.charge(request, "key-1", "request-1"), UTF_8);
            // It dedupes unless it is told otherwise.
            assertThat(client.charge(request, "key-1", "request-2"))
                    .asString(UTF_8)
                    .isEqualTo(receipt);
            String name = Json.read(receipt, Charge.class).receipt();
            assertThat(Ledger.read(ledger))
                    .extracting(LedgerLine::request, LedgerLine::kind, LedgerLine::receipt)
                    .containsExactly(
                            tuple("request-1", LedgerLine.Kind.CHARGED, name),
                            tuple("request-2", LedgerLine.Kind.REPEATED, name));
            provider.stop();
            assertThat(provider.handle().isAlive()).isFalse();
        }
    }

    @Test
    void itEndsWithItsParentThoughAChargeGoesOn() throws Exception {
        // What a dead parent leaves is the end of the child's input, however it died.
        Process process = new ProcessBuilder(JavaCommand.shortLived(directory, RaceMain.class, ProviderMain.ROLE))
                .redirectError(directory.resolve("log").toFile())
                .start();
        try {
            Path ledger = directory.resolve("ledger.jsonl");
            process.getOutputStream()
                    .write((Json.line(new ProviderMain.Plan(ledger.toString(), 600_000)) + "\n").getBytes(UTF_8));
            process.getOutputStream().flush();
            int port = Integer.parseInt(process.inputReader().readLine());
            Thread caller = new Thread(() -> {
                try {
                    var unused = new ProviderClient(port, PATIENCE)
                            .charge(new ChargeRequest("account-1", 100), "key-1", "request-1");
                } catch (IOException | ProviderClient.Declined e) {
                    // The provider ended.
                }
            });
            caller.start();
            process.getOutputStream().close();
            assertThat(process.waitFor(PATIENCE.toSeconds(), TimeUnit.SECONDS)).isTrue();
            caller.join(PATIENCE.toMillis());
            assertThat(caller.isAlive()).isFalse();
        } finally {
            process.destroyForcibly();
        }
    }

    @Test
    void theReasonForAFailedStartIsReported() throws Exception {
        Path ledger = Files.createFile(directory.resolve("ledger.jsonl"));
        try (ProviderProcess provider = start(ledger)) {
            assertThatThrownBy(() -> provider.port(PATIENCE))
                    .isInstanceOf(IOException.class)
                    .hasMessageContaining(ledger.toString());
        }
    }

    private ProviderProcess start(Path ledger) throws IOException {
        List<String> command = JavaCommand.shortLived(directory, RaceMain.class, ProviderMain.ROLE);
        return ProviderProcess.start(
                command, new ProviderMain.Plan(ledger.toString(), 10), directory.resolve("provider.log"));
    }
}
