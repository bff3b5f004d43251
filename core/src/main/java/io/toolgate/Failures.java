package io.toolgate;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.toolgate.Failure.Kind;
import io.toolgate.internal.base.Preconditions;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Deque;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Failures made from what HTTP clients throw or answer, for {@link PaidAction.Builder#classify}.
 *
 * <p>What exceptions and statuses mean is a table in the jar, {@code io/toolgate/http-failures.tsv}. Everything that is
 * not in it is {@linkplain Kind#UNKNOWN unknown}, which is safe.
 */
public final class Failures {
    private Failures() {}

    /**
     * Returns what an exception of an HTTP client says of its request: of Java's two clients, Spring's, Apache's, OkHttp,
     * and those built on them. The outermost of the exception and its causes that is in the table decides. It is unknown
     * all the same if the client reports an earlier try: OkHttp does in {@linkplain Throwable#getSuppressed suppressed
     * exceptions}, {@code HttpURLConnection} in the stack trace.
     *
     * <p>An exception tells of a client's last request only. Therefore let the run send <em>one</em>: nothing around or
     * within the client may repeat a request ({@code @Retryable}, retries upon a status) or follow a redirect. A client
     * that was answered "done, see there" and then cannot connect says that it could not connect.
     *
     * <p>The code is {@code http-402} or the like for a status, {@code not-sent} if the request did not leave, and
     * {@link Failure#UNCLASSIFIED} otherwise. The message never has an answer's body, which may tell of a person.
     */
    public static Failure ofHttp(Throwable thrown) {
        for (Throwable one : chain(Preconditions.notNull(thrown, "thrown"))) {
            Optional<String> meaning = Table.meaning(one);
            if (meaning.isPresent()) {
                return failure(meaning.get(), one, thrown);
            }
        }
        return Failure.unknown(thrown);
    }

    /**
     * Returns what the status of an answer says of its request, for clients that throw no exception for one. A status
     * that says that all went well is unknown: something failed after the effect.
     *
     * @throws IllegalArgumentException if it is not in 100 to 599
     */
    public static Failure ofHttpStatus(int status) {
        if (status < 100 || status > 599) {
            throw new IllegalArgumentException("HTTP status is " + status + "; it must be 100 to 599");
        }
        return ofStatus(status, null);
    }

    private static Failure failure(String meaning, Throwable one, Throwable thrown) {
        if (meaning.startsWith(Table.STATUS)) {
            return status(one, meaning.substring(Table.STATUS.length()))
                    .map(status -> ofStatus(status, thrown))
                    .orElseGet(() -> Failure.unknown(thrown));
        }
        if (Table.kind(meaning) != Kind.NOT_EXECUTED || reportsAnEarlierTry(thrown)) {
            return Failure.unknown(thrown);
        }
        return Failure.caused(Kind.NOT_EXECUTED, "not-sent", Failure.describe(thrown), thrown);
    }

    private static Failure ofStatus(int status, @Nullable Throwable thrown) {
        Kind kind = Optional.ofNullable(Table.MEANINGS.get(String.valueOf(status)))
                .map(Table::kind)
                .orElse(Kind.UNKNOWN);
        String type = thrown == null ? "" : ", as " + thrown.getClass().getName();
        return Failure.caused(kind, "http-" + status, "the answer has status " + status + type, thrown);
    }

    /** Whether a request that may have left came before the one that did not. */
    private static boolean reportsAnEarlierTry(Throwable thrown) {
        Set<Throwable> suppressed = Collections.newSetFromMap(new IdentityHashMap<>());
        Deque<Throwable> open = new ArrayDeque<>();
        for (Throwable one : chain(thrown)) {
            if (Stream.of(one.getStackTrace()).anyMatch(Failures::repeats)) {
                return true;
            }
            Collections.addAll(open, one.getSuppressed());
        }
        while (!open.isEmpty()) {
            for (Throwable one : chain(open.remove())) {
                if (suppressed.add(one)) {
                    if (mayHaveLeft(one)) {
                        return true;
                    }
                    Collections.addAll(open, one.getSuppressed());
                }
            }
        }
        return false;
    }

    /** Suppressed exceptions also mark places in the code, as the reactor's do: only those of I/O count. */
    private static boolean mayHaveLeft(Throwable suppressed) {
        return Table.meaning(suppressed)
                .map(meaning -> meaning.startsWith(Table.STATUS) || Table.kind(meaning) != Kind.NOT_EXECUTED)
                .orElse(suppressed instanceof IOException);
    }

    /** Whether {@code HttpURLConnection} connects here after it had sent the request: a second try, or a redirect. */
    private static boolean repeats(StackTraceElement frame) {
        return switch (frame.getClassName()) {
            case "sun.net.www.http.HttpClient" -> frame.getMethodName().equals("parseHTTPHeader");
            case "sun.net.www.protocol.http.HttpURLConnection" ->
                frame.getMethodName().startsWith("followRedirect");
            default -> false;
        };
    }

    /** It and its causes, the outermost first; each once, since causes can go round in circles. */
    private static List<Throwable> chain(Throwable thrown) {
        Set<Throwable> seen = Collections.newSetFromMap(new IdentityHashMap<>());
        List<Throwable> chain = new ArrayList<>();
        for (Throwable one = thrown; one != null && seen.add(one); one = one.getCause()) {
            chain.add(one);
        }
        return chain;
    }

    private static Optional<Integer> status(Throwable thrown, String path) {
        try {
            Object value = thrown;
            Class<?> type = thrown.getClass();
            for (String name : path.split("\\.", -1)) {
                // By the declared type: what is returned may be of a class that is not public.
                var method = type.getMethod(name);
                value = Objects.requireNonNull(method.invoke(value));
                type = method.getReturnType();
            }
            return value instanceof Integer status && status >= 100 && status <= 599
                    ? Optional.of(status)
                    : Optional.empty();
        } catch (ReflectiveOperationException | RuntimeException e) {
            return Optional.empty();
        }
    }

    /** The table, read when it is first needed. */
    private static final class Table {
        static final String STATUS = "status ";
        private static final String NAME = "http-failures.tsv";
        static final Map<String, String> MEANINGS = read();

        private Table() {}

        /** The row of an exception's class, or of the nearest class above it that has one. */
        static Optional<String> meaning(Throwable thrown) {
            for (Class<?> type = thrown.getClass(); type != null; type = type.getSuperclass()) {
                String withText = MEANINGS.get(type.getName() + ": " + message(thrown));
                String meaning = withText == null ? MEANINGS.get(type.getName()) : withText;
                if (meaning != null) {
                    return Optional.of(meaning);
                }
            }
            return Optional.empty();
        }

        static Kind kind(String meaning) {
            return Kind.valueOf(meaning.replace('-', '_').toUpperCase(Locale.ROOT));
        }

        private static @Nullable String message(Throwable thrown) {
            try {
                return thrown.getMessage();
            } catch (RuntimeException e) {
                return null;
            }
        }

        private static Map<String, String> read() {
            try (InputStream in = Objects.requireNonNull(Failures.class.getResourceAsStream(NAME), NAME);
                    BufferedReader lines = new BufferedReader(new InputStreamReader(in, UTF_8))) {
                return lines.lines()
                        .filter(line -> !line.isEmpty() && !line.startsWith("#"))
                        .map(line -> line.split("\t", -1))
                        .collect(Collectors.toUnmodifiableMap(columns -> columns[0], columns -> columns[1]));
            } catch (IOException e) {
                throw new UncheckedIOException("could not read " + NAME + " in the jar of toolgate-core", e);
            }
        }
    }
}
