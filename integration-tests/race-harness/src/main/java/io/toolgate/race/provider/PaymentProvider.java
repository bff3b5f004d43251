package io.toolgate.race.provider;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import io.toolgate.race.Json;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.UUID;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;

/**
 * A payment provider on the loopback interface. {@code POST /charges} charges whoever asks, as often as they ask, and answers
 * with the receipt once the ledger has it for good.
 */
public final class PaymentProvider implements AutoCloseable {
    /** The header with the caller's own key for the charge. */
    public static final String KEY_HEADER = "Idempotency-Key";

    private static final int BACKLOG = 1024;

    private final ChargeLog ledger;
    private final Duration takes;
    private final HttpServer server;
    private final ExecutorService threads;

    private PaymentProvider(ChargeLog ledger, Duration takes, HttpServer server, ExecutorService threads) {
        this.ledger = ledger;
        this.takes = takes;
        this.server = server;
        this.threads = threads;
    }

    /**
     * Starts a provider on a free port.
     *
     * @param takes how long a charge takes; it happens in the middle of that
     */
    public static PaymentProvider start(ChargeLog ledger, Duration takes) throws IOException {
        HttpServer server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), BACKLOG);
        ExecutorService threads = Executors.newCachedThreadPool(task -> {
            Thread thread = new Thread(task, "charge");
            thread.setDaemon(true);
            return thread;
        });
        PaymentProvider provider = new PaymentProvider(ledger, takes, server, threads);
        server.setExecutor(threads);
        server.createContext("/charges", provider::answer);
        server.start();
        return provider;
    }

    /** The port that it listens on. */
    public int port() {
        return server.getAddress().getPort();
    }

    private void answer(HttpExchange exchange) throws IOException {
        try (exchange) {
            if (!exchange.getRequestMethod().equals("POST")) {
                exchange.getResponseHeaders().set("Allow", "POST");
                send(exchange, 405, "only POST is understood here");
                return;
            }
            String key = exchange.getRequestHeaders().getFirst(KEY_HEADER);
            if (key == null || key.isBlank()) {
                send(exchange, 400, "the header " + KEY_HEADER + " is missing");
                return;
            }
            String body = new String(exchange.getRequestBody().readAllBytes(), StandardCharsets.UTF_8);
            ChargeRequest request;
            try {
                request = Json.read(body, ChargeRequest.class);
            } catch (IOException e) {
                send(exchange, 400, "the body is not an account and an amount in JSON");
                return;
            }
            try {
                send(exchange, 201, charge(request, key));
            } catch (IOException e) {
                send(exchange, 500, "the charge did not happen, or its receipt is lost: " + e.getMessage());
            }
        }
    }

    private String charge(ChargeRequest request, String key) throws IOException {
        long halfMillis = takes.toMillis() / 2;
        pause(halfMillis);
        String receipt = Json.line(new Charge(UUID.randomUUID().toString(), request.account(), request.amount(), key));
        ledger.append(receipt);
        pause(takes.toMillis() - halfMillis);
        return receipt;
    }

    private static void pause(long millis) throws IOException {
        try {
            Thread.sleep(millis);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw (IOException) new InterruptedIOException("the provider is stopping").initCause(e);
        }
    }

    private static void send(HttpExchange exchange, int status, String body) throws IOException {
        byte[] bytes = body.getBytes(StandardCharsets.UTF_8);
        exchange.getResponseHeaders()
                .set("Content-Type", status < 300 ? "application/json" : "text/plain; charset=utf-8");
        exchange.sendResponseHeaders(status, bytes.length);
        exchange.getResponseBody().write(bytes);
    }

    /** Stops to listen, and drops what goes on. */
    @Override
    public void close() {
        server.stop(0);
        threads.shutdownNow();
    }
}
