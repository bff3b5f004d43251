package io.toolgate.race.provider;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.toolgate.race.Json;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(60)
class PaymentProviderTest {
    private static final ChargeRequest REQUEST = new ChargeRequest("account-1", 100);

    @TempDir
    Path directory;

    @Test
    void nobodyIsAnsweredBeforeTheLedgerHasTheCharge() throws Exception {
        CountDownLatch writing = new CountDownLatch(1);
        CountDownLatch written = new CountDownLatch(1);
        ChargeLog slow = line -> {
            writing.countDown();
            await(written);
        };
        ExecutorService thread = Executors.newSingleThreadExecutor();
        try (PaymentProvider provider = PaymentProvider.start(slow, Duration.ZERO)) {
            Future<byte[]> receipt = thread.submit(() -> client(provider).charge(REQUEST, "key-1"));
            await(writing);
            assertThat(receipt).isNotDone();
            written.countDown();
            assertThat(receipt.get(30, TimeUnit.SECONDS)).isNotEmpty();
        } finally {
            thread.shutdownNow();
        }
    }

    @Test
    void aChargeThatTheLedgerRefusesHasNoReceipt() throws Exception {
        ChargeLog full = line -> {
            throw new IOException("disk full");
        };
        try (PaymentProvider provider = PaymentProvider.start(full, Duration.ZERO)) {
            assertThatThrownBy(() -> client(provider).charge(REQUEST, "key-1"))
                    .isInstanceOf(IOException.class)
                    .hasMessageContaining("500")
                    .hasMessageContaining("disk full");
        }
    }

    @Test
    void concurrentChargesAllHappenAndEachReceiptIsItsLineOfTheLedger() throws Exception {
        Path path = directory.resolve("ledger.jsonl");
        int threads = 32;
        int each = 10;
        List<String> receipts = new ArrayList<>();
        ExecutorService callers = Executors.newFixedThreadPool(threads);
        try (Ledger ledger = Ledger.create(path);
                PaymentProvider provider = PaymentProvider.start(ledger, Duration.ofMillis(2))) {
            ProviderClient client = client(provider);
            Callable<List<String>> caller = () -> {
                List<String> own = new ArrayList<>();
                for (int i = 0; i < each; i++) {
                    own.add(new String(client.charge(REQUEST, "key-" + i), UTF_8));
                }
                return own;
            };
            for (Future<List<String>> own : callers.invokeAll(Collections.nCopies(threads, caller))) {
                receipts.addAll(own.get());
            }
        } finally {
            callers.shutdownNow();
        }
        assertThat(receipts).hasSize(threads * each).doesNotHaveDuplicates();
        assertThat(Ledger.read(path).stream().map(Json::line)).containsExactlyInAnyOrderElementsOf(receipts);
    }

    @Test
    void theSameKeyIsChargedAgain() throws Exception {
        List<String> lines = new ArrayList<>();
        try (PaymentProvider provider = PaymentProvider.start(lines::add, Duration.ZERO)) {
            byte[] first = client(provider).charge(REQUEST, "key-1");
            byte[] second = client(provider).charge(REQUEST, "key-1");
            assertThat(first).isNotEqualTo(second);
        }
        assertThat(lines).hasSize(2).allSatisfy(line -> {
            Charge charge = Json.read(line, Charge.class);
            assertThat(charge.account()).isEqualTo("account-1");
            assertThat(charge.amount()).isEqualTo(100);
            assertThat(charge.providerKey()).isEqualTo("key-1");
        });
    }

    @Test
    void whatIsNoChargeChargesNobody() throws Exception {
        List<String> lines = new ArrayList<>();
        try (PaymentProvider provider = PaymentProvider.start(lines::add, Duration.ZERO)) {
            HttpRequest.Builder charges =
                    HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + provider.port() + "/charges"));
            String body = Json.line(REQUEST);
            assertThat(status(charges.copy().GET())).isEqualTo(405);
            assertThat(status(charges.copy().POST(BodyPublishers.ofString(body))))
                    .isEqualTo(400);
            charges.header(PaymentProvider.KEY_HEADER, "key-1");
            assertThat(status(charges.copy().POST(BodyPublishers.ofString("{}"))))
                    .isEqualTo(400);
            assertThat(status(charges.copy().POST(BodyPublishers.ofString("no json"))))
                    .isEqualTo(400);
            assertThat(lines).isEmpty();
            assertThat(status(charges.copy().POST(BodyPublishers.ofString(body))))
                    .isEqualTo(201);
            assertThat(lines).hasSize(1);
        }
    }

    private static int status(HttpRequest.Builder request) throws Exception {
        HttpResponse<String> response = HttpClient.newHttpClient().send(request.build(), BodyHandlers.ofString());
        return response.statusCode();
    }

    private static ProviderClient client(PaymentProvider provider) {
        return new ProviderClient(provider.port(), Duration.ofSeconds(30));
    }

    private static void await(CountDownLatch latch) throws IOException {
        try {
            if (!latch.await(30, TimeUnit.SECONDS)) {
                throw new IOException("waited in vain");
            }
        } catch (InterruptedException e) {
            throw new IOException(e);
        }
    }
}
