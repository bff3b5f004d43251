package io.toolgate.race.provider;

import com.fasterxml.jackson.core.JsonProcessingException;
import io.toolgate.support.Json;
import io.toolgate.support.Messages;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.HttpURLConnection;
import java.net.Proxy;
import java.net.URI;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * HTTP client of the provider, which sends each request exactly once. Thread-safe.
 *
 * <p>{@link HttpURLConnection} repeats a POST by itself when its connection breaks, which would be an unrequested
 * second charge; a body of fixed length prevents this. Connections are kept alive, because the JDK's HTTP server
 * sometimes resets a new connection while it closes another; it keeps idle connections longer than this client.
 */
public final class ProviderClient {
    private final URI charges;
    private final int timeoutMillis;

    /** The provider declined, without a charge. */
    public static final class Declined extends Exception {
        private static final long serialVersionUID = 1L;

        private final String code;

        Declined(Refusal refusal) {
            super(refusal.message());
            this.code = refusal.code();
        }

        /** The reason, for programs. */
        public String code() {
            return code;
        }
    }

    /** The provider could not be reached: no request was sent, and nothing was charged. */
    public static final class NotSent extends IOException {
        private static final long serialVersionUID = 1L;

        NotSent(String message, Throwable cause) {
            super(message, cause);
        }
    }

    /** The reason of a decline, in JSON. */
    record Refusal(String code, String message) {}

    /** Creates a client of the provider on {@code port} that waits up to {@code timeout} for an answer. */
    public ProviderClient(int port, Duration timeout) {
        this.charges = URI.create("http://127.0.0.1:" + port + "/charges");
        this.timeoutMillis = Math.toIntExact(timeout.toMillis());
    }

    /**
     * Charges, and returns the receipt as the provider wrote it.
     *
     * @param providerKey the key by which the provider recognises a repeated charge; null for none
     * @param requestId a unique name of this request
     * @throws Declined if the provider declined; nothing was charged
     * @throws NotSent if the provider was not reached; nothing was charged
     * @throws IOException if there is no receipt; the charge may have happened
     */
    public byte[] charge(ChargeRequest request, @Nullable String providerKey, String requestId)
            throws IOException, Declined {
        byte[] body = Json.line(request).getBytes(StandardCharsets.UTF_8);
        HttpURLConnection connection = open(charges);
        connection.setRequestMethod("POST");
        connection.setDoOutput(true);
        connection.setFixedLengthStreamingMode(body.length);
        connection.setRequestProperty("Content-Type", "application/json");
        connection.setRequestProperty(PaymentProvider.REQUEST_HEADER, requestId);
        if (providerKey != null) {
            connection.setRequestProperty(PaymentProvider.KEY_HEADER, providerKey);
        }
        try {
            connection.connect();
        } catch (IOException e) {
            throw new NotSent("the provider at " + charges + " cannot be reached: " + Messages.oneLine(e), e);
        }
        try (OutputStream out = connection.getOutputStream()) {
            out.write(body);
        }
        int status = connection.getResponseCode();
        if (status == HttpURLConnection.HTTP_CREATED || status == HttpURLConnection.HTTP_OK) {
            return answer(connection);
        }
        String error = errorText(connection);
        if (status == HttpURLConnection.HTTP_PAYMENT_REQUIRED) {
            throw new Declined(refusal(error));
        }
        throw unexpected(status, error);
    }

    /**
     * Returns the receipt of the first charge that was made with {@code providerKey}, as the provider wrote it; empty
     * if there is none. A charge in progress may still happen.
     *
     * @throws IOException if the provider does not answer
     */
    public Optional<byte[]> lookup(String providerKey) throws IOException {
        HttpURLConnection connection =
                open(URI.create(charges + "?key=" + URLEncoder.encode(providerKey, StandardCharsets.UTF_8)));
        int status = connection.getResponseCode();
        if (status == HttpURLConnection.HTTP_OK) {
            return Optional.of(answer(connection));
        }
        String error = errorText(connection);
        if (status == HttpURLConnection.HTTP_NOT_FOUND) {
            return Optional.empty();
        }
        throw unexpected(status, error);
    }

    /**
     * Verifies that the provider answers, without a charge.
     *
     * @throws IOException if it does not
     */
    public void greet() throws IOException {
        HttpURLConnection connection = open(charges);
        connection.setRequestMethod("OPTIONS");
        int status = connection.getResponseCode();
        if (status != HttpURLConnection.HTTP_NO_CONTENT) {
            throw new IOException("the server at " + charges + " is not the provider: it answered " + status
                    + " to OPTIONS instead of " + HttpURLConnection.HTTP_NO_CONTENT);
        }
    }

    private HttpURLConnection open(URI uri) throws IOException {
        HttpURLConnection connection = (HttpURLConnection) uri.toURL().openConnection(Proxy.NO_PROXY);
        connection.setConnectTimeout(timeoutMillis);
        connection.setReadTimeout(timeoutMillis);
        return connection;
    }

    private static byte[] answer(HttpURLConnection connection) throws IOException {
        try (InputStream in = connection.getInputStream()) {
            return in.readAllBytes();
        }
    }

    private static Refusal refusal(String body) throws IOException {
        try {
            return Json.read(body, Refusal.class);
        } catch (JsonProcessingException e) {
            throw new IOException("the provider declined, with a reason that is not the expected JSON: " + body, e);
        }
    }

    private static IOException unexpected(int status, String error) {
        return new IOException("the provider answered " + status + ": " + error);
    }

    // The error body is always read to its end: only then the connection is kept alive.
    private static String errorText(HttpURLConnection connection) throws IOException {
        try (InputStream in = connection.getErrorStream()) {
            return in == null ? "nothing" : new String(in.readAllBytes(), StandardCharsets.UTF_8);
        }
    }
}
