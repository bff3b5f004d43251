package io.toolgate.race.provider;

import io.toolgate.race.Json;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.HttpURLConnection;
import java.net.Proxy;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.time.Duration;

/**
 * Asks the provider for charges, each request once. Safe for use by many threads.
 *
 * <p>{@link HttpURLConnection} sends a POST again by itself when its connection breaks, which would be a second charge that
 * nobody asked for; a body of fixed length keeps it from that. Connections are kept alive, because the JDK's HTTP server
 * now and then resets a fresh connection while it closes another; it keeps idle ones longer than this client does.
 */
public final class ProviderClient {
    private final URI charges;
    private final int timeoutMillis;

    /** A client of the provider on {@code port} that waits up to {@code timeout} for an answer. */
    public ProviderClient(int port, Duration timeout) {
        this.charges = URI.create("http://127.0.0.1:" + port + "/charges");
        this.timeoutMillis = Math.toIntExact(timeout.toMillis());
    }

    /**
     * Charges, and returns the receipt as the provider wrote it.
     *
     * @throws IOException if there is no receipt; the charge may have happened
     */
    public byte[] charge(ChargeRequest request, String providerKey) throws IOException {
        byte[] body = Json.line(request).getBytes(StandardCharsets.UTF_8);
        HttpURLConnection connection = connect();
        connection.setRequestMethod("POST");
        connection.setDoOutput(true);
        connection.setFixedLengthStreamingMode(body.length);
        connection.setRequestProperty("Content-Type", "application/json");
        connection.setRequestProperty(PaymentProvider.KEY_HEADER, providerKey);
        try (OutputStream out = connection.getOutputStream()) {
            out.write(body);
        }
        int status = connection.getResponseCode();
        if (status != HttpURLConnection.HTTP_CREATED) {
            throw new IOException("the provider answered " + status + ": " + errorText(connection));
        }
        try (InputStream in = connection.getInputStream()) {
            return in.readAllBytes();
        }
    }

    /**
     * Makes sure that the provider answers, without charging anybody.
     *
     * @throws IOException if it does not
     */
    public void greet() throws IOException {
        HttpURLConnection connection = connect();
        int status = connection.getResponseCode();
        if (status != HttpURLConnection.HTTP_BAD_METHOD) {
            throw new IOException("what answers at " + charges + " is not the provider: " + status);
        }
        var unused = errorText(connection);
    }

    private HttpURLConnection connect() throws IOException {
        HttpURLConnection connection = (HttpURLConnection) charges.toURL().openConnection(Proxy.NO_PROXY);
        connection.setConnectTimeout(timeoutMillis);
        connection.setReadTimeout(timeoutMillis);
        return connection;
    }

    private static String errorText(HttpURLConnection connection) throws IOException {
        try (InputStream in = connection.getErrorStream()) {
            return in == null ? "nothing" : new String(in.readAllBytes(), StandardCharsets.UTF_8);
        }
    }
}
