package io.toolgate.scenarios;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;

import io.toolgate.Failure;
import io.toolgate.Failure.Kind;
import io.toolgate.Failures;
import java.io.BufferedReader;
import java.io.DataInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.net.ConnectException;
import java.net.HttpURLConnection;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.function.BiConsumer;
import java.util.stream.Stream;
import okhttp3.OkHttpClient;
import okhttp3.Request;
import okhttp3.RequestBody;
import okhttp3.Response;
import org.apache.hc.client5.http.impl.classic.BasicHttpClientResponseHandler;
import org.apache.hc.client5.http.impl.classic.HttpClients;
import org.apache.http.impl.client.BasicResponseHandler;
import org.apache.http.impl.client.HttpClientBuilder;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.springframework.http.client.ClientHttpRequestFactory;
import org.springframework.http.client.HttpComponentsClientHttpRequestFactory;
import org.springframework.http.client.JdkClientHttpRequestFactory;
import org.springframework.http.client.SimpleClientHttpRequestFactory;
import org.springframework.web.client.RestClient;

/** What {@link Failures#ofHttp} makes of the exceptions that HTTP clients really throw. */
@Timeout(60)
class HttpFailuresTest {
    private static final Duration PATIENCE = Duration.ofMillis(500);

    private final ExecutorService threads = Executors.newCachedThreadPool();
    private final CountDownLatch over = new CountDownLatch(1);
    private final Collection<Socket> accepted = Collections.synchronizedList(new ArrayList<>());
    private ServerSocket server;

    /** Posts to an address, waits for half a second, and throws or returns the status that it got. */
    interface Poster {
        int post(URI uri) throws Exception;
    }

    @SuppressWarnings("ImmutableEnumChecker") // They are functions without a state.
    enum Client {
        JAVA(Client::java),
        JAVA_URL(Client::javaUrl),
        SPRING_ON_JAVA(
                uri -> spring(uri, new JdkClientHttpRequestFactory(), JdkClientHttpRequestFactory::setReadTimeout)),
        SPRING_ON_JAVA_URL(uri ->
                spring(uri, new SimpleClientHttpRequestFactory(), SimpleClientHttpRequestFactory::setReadTimeout)),
        SPRING_ON_APACHE(uri -> spring(
                uri,
                new HttpComponentsClientHttpRequestFactory(),
                HttpComponentsClientHttpRequestFactory::setReadTimeout)),
        APACHE_5(Client::apache5),
        APACHE_4(Client::apache4),
        OKHTTP(Client::okHttp);

        private final Poster poster;

        Client(Poster poster) {
            this.poster = poster;
        }

        int post(URI uri) throws Exception {
            return poster.post(uri);
        }

        private static int java(URI uri) throws Exception {
            HttpRequest request = HttpRequest.newBuilder(uri)
                    .timeout(PATIENCE)
                    .POST(HttpRequest.BodyPublishers.ofString("x"))
                    .build();
            return HttpClient.newHttpClient()
                    .send(request, HttpResponse.BodyHandlers.ofString())
                    .statusCode();
        }

        private static int javaUrl(URI uri) throws IOException {
            HttpURLConnection connection = (HttpURLConnection) uri.toURL().openConnection();
            connection.setReadTimeout((int) PATIENCE.toMillis());
            connection.setDoOutput(true);
            connection.getOutputStream().write('x');
            int status = connection.getResponseCode();
            // To the end, so that the connection can be used again.
            try (InputStream in = connection.getInputStream()) {
                var unused = in.readAllBytes();
            }
            return status;
        }

        private static <F extends ClientHttpRequestFactory> int spring(
                URI uri, F factory, BiConsumer<F, Duration> readTimeout) {
            readTimeout.accept(factory, PATIENCE);
            return RestClient.builder()
                    .requestFactory(factory)
                    .build()
                    .post()
                    .uri(uri)
                    .body("x")
                    .retrieve()
                    .toBodilessEntity()
                    .getStatusCode()
                    .value();
        }

        private static int apache5(URI uri) throws IOException {
            var config = org.apache.hc.client5.http.config.RequestConfig.custom()
                    .setResponseTimeout(PATIENCE.toMillis(), TimeUnit.MILLISECONDS)
                    .build();
            try (var client = HttpClients.custom()
                    .setDefaultRequestConfig(config)
                    .disableAutomaticRetries()
                    .build()) {
                var request = new org.apache.hc.client5.http.classic.methods.HttpPost(uri);
                request.setEntity(new org.apache.hc.core5.http.io.entity.StringEntity("x"));
                var unused = client.execute(request, new BasicHttpClientResponseHandler());
                return 200;
            }
        }

        private static int apache4(URI uri) throws IOException {
            var config = org.apache.http.client.config.RequestConfig.custom()
                    .setSocketTimeout((int) PATIENCE.toMillis())
                    .build();
            try (var client =
                    HttpClientBuilder.create().setDefaultRequestConfig(config).build()) {
                var request = new org.apache.http.client.methods.HttpPost(uri);
                request.setEntity(new org.apache.http.entity.StringEntity("x"));
                var unused = client.execute(request, new BasicResponseHandler());
                return 200;
            }
        }

        private static int okHttp(URI uri) throws IOException {
            OkHttpClient client =
                    new OkHttpClient.Builder().readTimeout(PATIENCE).build();
            try {
                return okHttp(client, uri);
            } finally {
                close(client);
            }
        }

        static int okHttp(OkHttpClient client, URI uri) throws IOException {
            Request request = new Request.Builder()
                    .url(uri.toString())
                    .post(RequestBody.create("x".getBytes(UTF_8)))
                    .build();
            try (Response response = client.newCall(request).execute()) {
                var unused = response.body().string();
                return response.code();
            }
        }

        static void close(OkHttpClient client) {
            client.dispatcher().executorService().shutdown();
            client.connectionPool().evictAll();
        }
    }

    @BeforeEach
    void listen() throws IOException {
        server = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
    }

    @AfterEach
    void stop() throws Exception {
        over.countDown();
        server.close();
        for (Socket socket : accepted) {
            socket.close();
        }
        threads.shutdown();
        assertThat(threads.awaitTermination(10, TimeUnit.SECONDS)).isTrue();
    }

    /** A connection's fate, from when the server accepted it. */
    private interface Service {
        void serve(Socket socket) throws Exception;
    }

    /** Serves each connection so. */
    private void serve(Service service) {
        threads.execute(() -> {
            while (!server.isClosed()) {
                try {
                    Socket socket = server.accept();
                    accepted.add(socket);
                    threads.execute(() -> {
                        try {
                            service.serve(socket);
                        } catch (Exception e) {
                            // What the client sees of it is what is tested.
                        }
                    });
                } catch (IOException e) {
                    return;
                }
            }
        });
    }

    private static void readRequest(Socket socket) throws IOException {
        BufferedReader in = new BufferedReader(new InputStreamReader(socket.getInputStream(), US_ASCII));
        int length = 0;
        boolean chunked = false;
        for (String line = in.readLine(); line != null && !line.isEmpty(); line = in.readLine()) {
            String lower = line.toLowerCase(Locale.ROOT);
            if (lower.startsWith("content-length:")) {
                length = Integer.parseInt(lower.substring(15).strip());
            }
            chunked |= lower.equals("transfer-encoding: chunked");
        }
        for (int i = 0; i < length; i++) {
            assertThat(in.read()).isNotNegative();
        }
        while (chunked && !"0".equals(in.readLine())) {
            // A chunk, or its length.
        }
        if (chunked) {
            assertThat(in.readLine()).isEmpty();
        }
    }

    private static void answer(Socket socket, int status) throws IOException {
        String body = "secret";
        String answer = "HTTP/1.1 " + status + " Some Reason\r\nContent-Length: " + body.length()
                + "\r\nContent-Type: text/plain\r\n\r\n" + body;
        socket.getOutputStream().write(answer.getBytes(US_ASCII));
    }

    private URI uri(String scheme) {
        return URI.create(scheme + "://127.0.0.1:" + server.getLocalPort() + "/charges");
    }

    private static Failure failureOf(Client client, URI uri) {
        Throwable thrown = catchThrowable(() -> {
            int status = client.post(uri);
            throw new AssertionError("answered " + status);
        });
        assertThat(thrown).isInstanceOf(Exception.class);
        return Failures.ofHttp(thrown);
    }

    @ParameterizedTest
    @EnumSource
    void nobodyListens(Client client) throws IOException {
        URI uri = uri("http");
        server.close();
        Failure failure = failureOf(client, uri);
        assertThat(failure.kind()).as("%s", failure).isEqualTo(Kind.NOT_EXECUTED);
        assertThat(failure.code()).isEqualTo(Failure.Codes.NOT_EXECUTED);
    }

    @ParameterizedTest
    @EnumSource
    void noSuchHost(Client client) {
        Failure failure = failureOf(client, URI.create("http://nowhere.invalid/charges"));
        assertThat(failure.kind()).as("%s", failure).isEqualTo(Kind.NOT_EXECUTED);
    }

    @ParameterizedTest
    @EnumSource
    void theHandshakeIsCutOff(Client client) {
        serve(socket -> {
            // All of the client's greeting: to close before would reset the connection.
            DataInputStream in = new DataInputStream(socket.getInputStream());
            in.skipNBytes(3);
            in.skipNBytes(in.readUnsignedShort());
            socket.close();
        });
        Failure failure = failureOf(client, uri("https"));
        assertThat(failure.kind()).as("%s", failure).isEqualTo(Kind.NOT_EXECUTED);
        assertThat(failure.code()).isEqualTo(Failure.Codes.NOT_EXECUTED);
    }

    @ParameterizedTest
    @EnumSource
    void noAnswerInTime(Client client) {
        serve(socket -> {
            readRequest(socket);
            over.await();
        });
        Failure failure = failureOf(client, uri("http"));
        assertThat(failure.kind()).as("%s", failure).isEqualTo(Kind.UNKNOWN);
    }

    @ParameterizedTest
    @EnumSource
    void theConnectionIsCutAfterTheRequest(Client client) {
        serve(socket -> {
            readRequest(socket);
            socket.close();
        });
        Failure failure = failureOf(client, uri("http"));
        assertThat(failure.kind()).as("%s", failure).isEqualTo(Kind.UNKNOWN);
    }

    static Stream<Arguments> statuses() {
        return Stream.of(
                        Client.SPRING_ON_JAVA,
                        Client.SPRING_ON_JAVA_URL,
                        Client.SPRING_ON_APACHE,
                        Client.APACHE_5,
                        Client.APACHE_4)
                .flatMap(client -> Stream.of(402, 404, 500).map(status -> Arguments.of(client, status)));
    }

    @ParameterizedTest
    @MethodSource("statuses")
    void anExceptionThatCarriesAStatus(Client client, int status) {
        serve(socket -> {
            readRequest(socket);
            answer(socket, status);
        });
        Failure failure = failureOf(client, uri("http"));
        assertThat(failure.kind()).isEqualTo(Failures.ofHttpStatus(status).kind());
        assertThat(failure.code()).isEqualTo("http-" + status);
        assertThat(failure.message()).startsWith("the answer has status " + status + ", as ");
        assertThat(failure.message()).doesNotContain("secret");
    }

    /** Both send the request again on a new connection if an old one was closed upon it, and then cannot connect. */
    @Test
    void aSecondTryThatCannotConnectSaysNothingOfTheFirst() throws Exception {
        OkHttpClient okHttp = new OkHttpClient();
        Map<String, Poster> clients =
                Map.of("Java", Client.JAVA_URL::post, "OkHttp", uri -> Client.okHttp(okHttp, uri));
        for (Map.Entry<String, Poster> client : clients.entrySet()) {
            stopsAfterTheSecondRequestOfAConnection();
            URI uri = uri("http");
            assertThat(client.getValue().post(uri)).isEqualTo(200);
            // Race: a client that has not given its connection back yet opens another one, which is answered.
            Throwable thrown = null;
            for (int i = 0; i < 20 && thrown == null; i++) {
                thrown = catchThrowable(() -> client.getValue().post(uri));
            }
            assertThat(thrown).as(client.getKey()).isInstanceOf(ConnectException.class);
            assertThat(Failures.ofHttp(thrown).kind()).as(client.getKey()).isEqualTo(Kind.UNKNOWN);
            listen();
        }
        Client.close(okHttp);
    }

    private void stopsAfterTheSecondRequestOfAConnection() {
        serve(socket -> {
            readRequest(socket);
            answer(socket, 200);
            readRequest(socket);
            server.close();
            socket.close();
        });
    }

    /** The classes in the table exist, where their library is here. */
    @Test
    void theTableNamesClassesThatExist() throws Exception {
        List<String> missing = new ArrayList<>();
        try (InputStream in = Failures.class.getResourceAsStream("http-failures.tsv");
                BufferedReader lines = new BufferedReader(new InputStreamReader(in, UTF_8))) {
            lines.lines()
                    .filter(line -> !line.isEmpty() && !line.startsWith("#") && !Character.isDigit(line.charAt(0)))
                    .map(line -> line.split("[\t:]", -1)[0])
                    .forEach(name -> {
                        try {
                            assertThat(Class.forName(name)).isAssignableTo(Throwable.class);
                        } catch (ClassNotFoundException e) {
                            missing.add(name);
                        }
                    });
        }
        assertThat(missing)
                .containsExactlyInAnyOrder(
                        "org.springframework.web.reactive.function.client.WebClientResponseException",
                        "jakarta.ws.rs.WebApplicationException",
                        "retrofit2.HttpException",
                        "feign.FeignException");
    }
}
