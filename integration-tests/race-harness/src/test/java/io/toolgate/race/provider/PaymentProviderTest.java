package io.toolgate.race.provider;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;
import static org.assertj.core.api.Assertions.tuple;

import io.toolgate.race.provider.LedgerLine.Kind;
import io.toolgate.support.Json;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
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
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(60)
class PaymentProviderTest {
    private static final ChargeRequest REQUEST = new ChargeRequest("account-1", 100);

    @TempDir
    Path directory;

    private final List<LedgerLine> lines = new CopyOnWriteArrayList<>();
    private final CountDownLatch writing = new CountDownLatch(1);
    private final CountDownLatch mayWrite = new CountDownLatch(1);
    private final ExecutorService threads = Executors.newCachedThreadPool();

    @AfterEach
    void stop() {
        threads.shutdownNow();
    }

    @Test
    void noCallerIsAnsweredBeforeTheLedgerHasTheCharge() throws Exception {
        try (PaymentProvider provider = start(this::appendWhenAllowed, true)) {
            Future<byte[]> receipt = threads.submit(() -> client(provider).charge(REQUEST, "key-1", "request-1"));
            TillTest.await(writing);
            assertThat(receipt).isNotDone();
            assertThat(client(provider).lookup("key-1")).isEmpty();
            mayWrite.countDown();
            byte[] given = receipt.get(30, TimeUnit.SECONDS);
            assertThat(client(provider).lookup("key-1"))
                    .hasValueSatisfying(found -> assertThat(found).isEqualTo(given));
        }
    }

    @Test
    void aChargeThatTheLedgerRefusesHasNoReceiptAndGivesItsKeyBack() throws Exception {
        AtomicInteger appends = new AtomicInteger();
        ChargeLog fullOnce = line -> {
            if (appends.getAndIncrement() == 0) {
                throw new IOException("disk full");
            }
            lines.add(line);
        };
        try (PaymentProvider provider = start(fullOnce, true)) {
            assertThatThrownBy(() -> client(provider).charge(REQUEST, "key-1", "request-1"))
                    .isInstanceOf(IOException.class)
                    .hasMessageContaining("500")
                    .hasMessageContaining("disk full");
            assertThat(client(provider).lookup("key-1")).isEmpty();
            assertThat(client(provider).charge(REQUEST, "key-1", "request-2")).isNotEmpty();
        }
        assertThat(lines).extracting(LedgerLine::kind).containsExactly(Kind.CHARGED);
    }

    @Test
    void concurrentChargesAllHappenAndEachReceiptIsInTheLedger() throws Exception {
        Path path = directory.resolve("ledger.jsonl");
        int callers = 32;
        int each = 10;
        List<String> receipts = new ArrayList<>();
        try (Ledger ledger = Ledger.create(path);
                PaymentProvider provider = PaymentProvider.start(ledger, Duration.ofMillis(2), false)) {
            ProviderClient client = client(provider);
            Callable<List<String>> caller = () -> {
                List<String> own = new ArrayList<>();
                for (int i = 0; i < each; i++) {
                    own.add(new String(client.charge(REQUEST, "key-" + i, "request"), UTF_8));
                }
                return own;
            };
            for (Future<List<String>> own : threads.invokeAll(Collections.nCopies(callers, caller))) {
                receipts.addAll(own.get());
            }
        }
        assertThat(receipts).hasSize(callers * each).doesNotHaveDuplicates();
        assertThat(Ledger.read(path).stream()
                        .map(line -> Json.line(new Charge(
                                String.valueOf(line.receipt()), line.account(), line.amount(), line.providerKey()))))
                .containsExactlyInAnyOrderElementsOf(receipts);
    }

    @Test
    void withoutDedupeTheSameKeyIsChargedAgainAndLookupFindsTheFirst() throws Exception {
        try (PaymentProvider provider = start(lines::add, false)) {
            byte[] first = client(provider).charge(REQUEST, "key-1", "request-1");
            byte[] second = client(provider).charge(REQUEST, "key-1", "request-2");
            assertThat(first).isNotEqualTo(second);
            assertThat(client(provider).lookup("key-1").orElseThrow()).isEqualTo(first);
        }
        assertThat(lines)
                .extracting(
                        LedgerLine::kind,
                        LedgerLine::request,
                        LedgerLine::account,
                        LedgerLine::amount,
                        LedgerLine::providerKey)
                .containsExactly(
                        tuple(Kind.CHARGED, "request-1", "account-1", 100L, "key-1"),
                        tuple(Kind.CHARGED, "request-2", "account-1", 100L, "key-1"));
    }

    @Test
    void withDedupeTheFirstReceiptIsGivenAgain() throws Exception {
        try (PaymentProvider provider = start(lines::add, true)) {
            byte[] first = client(provider).charge(REQUEST, "key é&=1", "request-1");
            assertThat(client(provider).charge(REQUEST, "key é&=1", "request-2"))
                    .isEqualTo(first);
            assertThat(client(provider).charge(REQUEST, "key-2", "request-3")).isNotEqualTo(first);
            assertThat(client(provider).lookup("key-2")).isPresent();
            assertThat(client(provider).lookup("key-3")).isEmpty();
        }
        assertThat(lines).extracting(LedgerLine::kind).containsExactly(Kind.CHARGED, Kind.REPEATED, Kind.CHARGED);
        assertThat(lines.get(1).receipt()).isEqualTo(lines.get(0).receipt());
    }

    @Test
    void withDedupeASecondRequestWaitsForTheFirst() throws Exception {
        try (PaymentProvider provider = start(this::appendWhenAllowed, true)) {
            Callable<byte[]> charge = () -> client(provider).charge(REQUEST, "key-1", "request");
            Future<byte[]> first = threads.submit(charge);
            TillTest.await(writing);
            Future<byte[]> second = threads.submit(charge);
            // A key with another amount is known at once, and so is the first one's being in flight.
            assertThat(status(post(provider, new ChargeRequest("account-1", 101), "key-1")))
                    .isEqualTo(422);
            assertThat(second).isNotDone();
            mayWrite.countDown();
            assertThat(first.get(30, TimeUnit.SECONDS)).isEqualTo(second.get(30, TimeUnit.SECONDS));
        }
        assertThat(lines).extracting(LedgerLine::kind).containsExactly(Kind.CHARGED, Kind.REPEATED);
    }

    @Test
    void aKeyOfAnotherChargeChargesNothing() throws Exception {
        try (PaymentProvider provider = start(lines::add, true)) {
            assertThat(client(provider).charge(REQUEST, "key-1", "request-1")).isNotEmpty();
            for (ChargeRequest other :
                    List.of(new ChargeRequest("account-2", 100), new ChargeRequest("account-1", 101))) {
                assertThatThrownBy(() -> client(provider).charge(other, "key-1", "request-2"))
                        .isInstanceOf(IOException.class)
                        .hasMessageContaining("422");
            }
        }
        assertThat(lines).hasSize(1);
    }

    @Test
    void aChargeWithoutAKeyIsNeverDeduped() throws Exception {
        try (PaymentProvider provider = start(lines::add, true)) {
            byte[] first = client(provider).charge(REQUEST, null, "request-1");
            assertThat(client(provider).charge(REQUEST, null, "request-2")).isNotEqualTo(first);
        }
        assertThat(lines)
                .hasSize(2)
                .allSatisfy(line -> assertThat(line.providerKey()).isNull());
    }

    @Test
    void anAnswerIsDroppedOnceAfterOneCharge() throws Exception {
        ChargeRequest drop = new ChargeRequest("account-1", 100, Conduct.DROP_ANSWER, 0);
        try (PaymentProvider provider = start(lines::add, true)) {
            // The connection that breaks is a kept one, which is when the JDK's client is tempted to ask again.
            assertThat(client(provider).charge(new ChargeRequest("account-0", 100), "key-0", "request-0"))
                    .isNotEmpty();
            assertThatThrownBy(() -> client(provider).charge(drop, "key-1", "request-1"))
                    .isInstanceOf(IOException.class)
                    .isNotInstanceOf(ProviderClient.NotSent.class);
            assertThat(lines)
                    .extracting(LedgerLine::request, LedgerLine::kind)
                    .containsExactly(tuple("request-0", Kind.CHARGED), tuple("request-1", Kind.CHARGED));

            byte[] found = client(provider).lookup("key-1").orElseThrow();
            assertThat(client(provider).charge(drop, "key-1", "request-2")).isEqualTo(found);
        }
        assertThat(lines).hasSize(3);
    }

    @Test
    void withoutDedupeTheSecondChargeOfTheAccountIsAnswered() throws Exception {
        ChargeRequest drop = new ChargeRequest("account-1", 100, Conduct.DROP_ANSWER, 0);
        try (PaymentProvider provider = start(lines::add, false)) {
            assertThatThrownBy(() -> client(provider).charge(drop, "key-1", "request-1"))
                    .isInstanceOf(IOException.class);
            assertThat(client(provider).charge(drop, "key-1", "request-2")).isNotEmpty();
        }
        assertThat(lines).extracting(LedgerLine::kind).containsExactly(Kind.CHARGED, Kind.CHARGED);
    }

    @Test
    void aDeclinedRequestChargesNothing() throws Exception {
        ChargeRequest decline = new ChargeRequest("account-1", 100, Conduct.DECLINE, 0);
        try (PaymentProvider provider = start(lines::add, true)) {
            ProviderClient.Declined declined = catchThrowableOfType(
                    ProviderClient.Declined.class, () -> client(provider).charge(decline, "key-1", "request-1"));
            assertThat(declined.code()).isEqualTo("card_declined");
            assertThat(declined).hasMessage("the card was declined");
            assertThat(client(provider).lookup("key-1")).isEmpty();
        }
        assertThat(lines)
                .extracting(LedgerLine::kind, LedgerLine::request, LedgerLine::receipt)
                .containsExactly(tuple(Kind.DECLINED, "request-1", null));
    }

    @Test
    void aSlowChargeHappensInTheMiddleOfItsOwnTime() throws Exception {
        ChargeRequest slow = new ChargeRequest("account-1", 100, Conduct.SLOW, 300);
        try (PaymentProvider provider = start(lines::add, true)) {
            long start = System.nanoTime();
            assertThat(client(provider).charge(slow, "key-1", "request-1")).isNotEmpty();
            long end = System.nanoTime();
            assertThat(lines).singleElement().satisfies(line -> {
                assertThat(line.nanos() - start).isGreaterThanOrEqualTo(TimeUnit.MILLISECONDS.toNanos(150));
                assertThat(end - line.nanos()).isGreaterThanOrEqualTo(TimeUnit.MILLISECONDS.toNanos(150));
            });
        }
    }

    @Test
    void aProviderThatIsDownGotNoRequest() throws Exception {
        int port;
        try (ServerSocket free = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            port = free.getLocalPort();
        }
        assertThatThrownBy(() -> new ProviderClient(port, Duration.ofSeconds(5)).charge(REQUEST, "key-1", "request-1"))
                .isInstanceOf(ProviderClient.NotSent.class)
                .hasMessageContaining(String.valueOf(port));
    }

    @Test
    void aMalformedRequestChargesNothing() throws Exception {
        try (PaymentProvider provider = start(lines::add, true)) {
            String body = Json.line(REQUEST);
            HttpRequest.Builder charges = HttpRequest.newBuilder(uri(provider));
            assertThat(status(charges.copy().DELETE())).isEqualTo(405);
            assertThat(status(charges.copy().GET())).isEqualTo(400);
            assertThat(status(charges.copy().POST(BodyPublishers.ofString(body))))
                    .isEqualTo(400);
            charges.header(PaymentProvider.REQUEST_HEADER, "request-1");
            assertThat(status(charges.copy()
                            .header(PaymentProvider.KEY_HEADER, " ")
                            .POST(BodyPublishers.ofString(body))))
                    .isEqualTo(400);
            assertThat(status(charges.copy().POST(BodyPublishers.ofString("{}"))))
                    .isEqualTo(400);
            assertThat(status(charges.copy().POST(BodyPublishers.ofString("no json"))))
                    .isEqualTo(400);
            client(provider).greet();
            assertThat(lines).isEmpty();
            assertThat(status(charges.copy().POST(BodyPublishers.ofString(body))))
                    .isEqualTo(201);
            assertThat(lines).hasSize(1);
        }
    }

    private void appendWhenAllowed(LedgerLine line) throws IOException {
        writing.countDown();
        TillTest.await(mayWrite);
        lines.add(line);
    }

    private static HttpRequest.Builder post(PaymentProvider provider, ChargeRequest request, String key) {
        return HttpRequest.newBuilder(uri(provider))
                .header(PaymentProvider.REQUEST_HEADER, "request")
                .header(PaymentProvider.KEY_HEADER, key)
                .POST(BodyPublishers.ofString(Json.line(request)));
    }

    private static URI uri(PaymentProvider provider) {
        return URI.create("http://127.0.0.1:" + provider.port() + "/charges");
    }

    private static int status(HttpRequest.Builder request) throws Exception {
        HttpResponse<String> response = HttpClient.newHttpClient().send(request.build(), BodyHandlers.ofString());
        return response.statusCode();
    }

    private static PaymentProvider start(ChargeLog ledger, boolean dedupe) throws IOException {
        return PaymentProvider.start(ledger, Duration.ZERO, dedupe);
    }

    private static ProviderClient client(PaymentProvider provider) {
        return new ProviderClient(provider.port(), Duration.ofSeconds(30));
    }
}
