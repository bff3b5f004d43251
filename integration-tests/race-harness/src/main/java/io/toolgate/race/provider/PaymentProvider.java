package io.toolgate.race.provider;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import io.toolgate.race.provider.Till.Answer;
import io.toolgate.support.Json;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import org.jspecify.annotations.Nullable;

/**
 * HTTP payment provider on the loopback interface. {@code POST /charges} charges, and answers with the receipt once it
 * is durable in the ledger; a provider that dedupes charges once per {@value #KEY_HEADER}. {@code GET /charges?key=…}
 * answers with the first charge that was made with a key.
 */
public final class PaymentProvider implements AutoCloseable {
    /** The header with the caller's key for the charge; a charge without one is never deduped. */
    public static final String KEY_HEADER = "Idempotency-Key";

    /** The header with the name of this one request in the ledger. */
    public static final String REQUEST_HEADER = "Request-Id";

    private static final int BACKLOG = 1024;
    private static final String QUERY = "key=";
    private static final String METHODS = "GET, OPTIONS, POST";

    private final Till till;
    private final HttpServer server;
    private final ExecutorService threads;

    private PaymentProvider(Till till, HttpServer server, ExecutorService threads) {
        this.till = till;
        this.server = server;
        this.threads = threads;
    }

    /**
     * Starts a provider on a free port.
     *
     * @param ledger the log of its charges
     * @param takes how long a charge takes; it happens halfway
     * @param dedupe whether it charges once per key
     */
    public static PaymentProvider start(ChargeLog ledger, Duration takes, boolean dedupe) throws IOException {
        // Without this, the body of an answer waits 40 ms for the receiver's delayed acknowledgement of its header.
        System.setProperty("sun.net.httpserver.nodelay", "true");
        // Idle connections are closed by the clients, never by the server.
        System.setProperty("sun.net.httpserver.maxIdleConnections", "100000");
        HttpServer server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), BACKLOG);
        ExecutorService threads = Executors.newCachedThreadPool(task -> {
            Thread thread = new Thread(task, "charge");
            thread.setDaemon(true);
            return thread;
        });
        PaymentProvider provider = new PaymentProvider(new Till(ledger, takes, dedupe), server, threads);
        server.setExecutor(threads);
        server.createContext("/charges", provider::answer);
        server.start();
        return provider;
    }

    /** The port of the provider. */
    public int port() {
        return server.getAddress().getPort();
    }

    private void answer(HttpExchange exchange) throws IOException {
        // Closing an exchange without an answer closes the connection, as a dropped answer does.
        try (exchange) {
            Optional<Answer> answer = switch (exchange.getRequestMethod()) {
                case "POST" -> charge(exchange);
                case "GET" -> Optional.of(lookUp(exchange.getRequestURI().getRawQuery()));
                case "OPTIONS" -> Optional.of(new Answer(204, ""));
                default -> Optional.of(new Answer(405, "only " + METHODS + " are understood here"));
            };
            if (answer.isPresent()) {
                exchange.getResponseHeaders().set("Allow", METHODS);
                send(exchange, answer.get());
            }
        }
    }

    private Optional<Answer> charge(HttpExchange exchange) throws IOException {
        String requestId = exchange.getRequestHeaders().getFirst(REQUEST_HEADER);
        if (requestId == null || requestId.isBlank()) {
            return Optional.of(new Answer(400, "the header " + REQUEST_HEADER + " is missing"));
        }
        String key = exchange.getRequestHeaders().getFirst(KEY_HEADER);
        if (key != null && key.isBlank()) {
            return Optional.of(new Answer(400, "the header " + KEY_HEADER + " is empty"));
        }
        String body = new String(exchange.getRequestBody().readAllBytes(), StandardCharsets.UTF_8);
        ChargeRequest request;
        try {
            request = Json.read(body, ChargeRequest.class);
        } catch (JsonProcessingException e) {
            return Optional.of(new Answer(400, "the body is not a request to charge in JSON"));
        }
        try {
            return till.charge(request, key, requestId);
        } catch (IOException e) {
            return Optional.of(new Answer(500, "the charge did not happen, or its receipt is lost: " + e.getMessage()));
        }
    }

    private Answer lookUp(@Nullable String query) {
        if (query == null || !query.startsWith(QUERY)) {
            return new Answer(400, "the query is missing; use ?" + QUERY + "…");
        }
        String key = URLDecoder.decode(query.substring(QUERY.length()), StandardCharsets.UTF_8);
        return till.find(key)
                .map(charge -> new Answer(200, Json.line(charge)))
                .orElseGet(() -> new Answer(404, "no charge with this key"));
    }

    private static void send(HttpExchange exchange, Answer answer) throws IOException {
        byte[] bytes = answer.body().getBytes(StandardCharsets.UTF_8);
        exchange.getResponseHeaders()
                .set("Content-Type", answer.body().startsWith("{") ? "application/json" : "text/plain; charset=utf-8");
        exchange.sendResponseHeaders(answer.status(), bytes.length == 0 ? -1 : bytes.length);
        if (bytes.length > 0) {
            exchange.getResponseBody().write(bytes);
        }
    }

    /** Stops listening, and drops requests in progress. */
    @Override
    public void close() {
        server.stop(0);
        threads.shutdownNow();
    }
}
