package io.toolgate;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.toolgate.Failure.Kind;
import io.toolgate.internal.base.Preconditions;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.lang.reflect.Method;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Deque;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
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
     * Returns what an exception of an HTTP client says of its request: of Java's two clients, Spring's, Apache's,
     * OkHttp, and those built on them. The outermost of the exception and its causes that is in the table decides. It
     * is unknown all the same if the client reports an earlier try: OkHttp does in {@linkplain Throwable#getSuppressed
     * suppressed exceptions}, {@code HttpURLConnection} in the stack trace.
     *
     * <p>An exception tells of a client's last request only. Therefore let the run send <em>one</em>: nothing around or
     * within the client may repeat a request ({@code @Retryable}, retries upon a status) or follow a redirect. A client
     * that was answered "done, see there" and then cannot connect says that it could not connect.
     *
     * <p>The code is {@code http-402} or the like where the exception carries a status, and else that of
     * {@link Failure#notExecuted(Throwable)} or {@link Failure#unknown(Throwable)}. For a status the message does not
     * repeat the exception's, in which clients quote the answer's body.
     */
    public static Failure ofHttp(Throwable thrown) {
        for (Throwable one : chain(Preconditions.notNull(thrown, "thrown"))) {
            String meaning = Table.meaning(one);
            if (meaning != null && meaning.startsWith(Table.STATUS)) {
                int status = status(one, meaning.substring(Table.STATUS.length()));
                // Of some clients also the exceptions of requests that had no answer.
                if (isStatus(status)) {
                    return ofStatus(status, thrown);
                }
            } else if (meaning != null) {
                return Table.kind(meaning) == Kind.NOT_EXECUTED && !reportsAnEarlierTry(thrown)
                        ? Failure.notExecuted(thrown)
                        : Failure.unknown(thrown);
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
        if (!isStatus(status)) {
            throw new IllegalArgumentException("HTTP status is " + status + "; it must be 100 to 599");
        }
        return ofStatus(status, null);
    }

    private static boolean isStatus(int status) {
        return status >= 100 && status <= 599;
    }

    private static Failure ofStatus(int status, @Nullable Throwable thrown) {
        String meaning = Table.MEANINGS.get(String.valueOf(status));
        Kind kind = meaning == null ? Kind.UNKNOWN : Table.kind(meaning);
        String type = thrown == null ? "" : ", as " + thrown.getClass().getName();
        return Failure.of(kind, "http-" + status, "the answer has status " + status + type)
                .causedBy(thrown);
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
        String meaning = Table.meaning(suppressed);
        return meaning == null
                ? suppressed instanceof IOException
                : meaning.startsWith(Table.STATUS) || Table.kind(meaning) != Kind.NOT_EXECUTED;
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

    /** The status that an exception carries; 0 if it cannot be read. */
    private static int status(Throwable thrown, String path) {
        try {
            Object value = thrown;
            Class<?> type = thrown.getClass();
            for (String name : path.split("\\.", -1)) {
                // By the declared type: what is returned may be of a class that is not public.
                Method method = type.getMethod(name);
                value = method.invoke(value);
                type = method.getReturnType();
            }
            return value instanceof Integer status ? status : 0;
        } catch (ReflectiveOperationException | RuntimeException e) {
            // Another version of the client than those that are known: its exceptions say nothing.
            return 0;
        }
    }

    /** The table, read when it is first needed. */
    private static final class Table {
        static final String STATUS = "status ";
        private static final String NAME = "http-failures.tsv";
        static final Map<String, String> MEANINGS = read();

        private Table() {}

        /** What is said of an exception's class, or of the nearest class above it; null if nothing is. */
        static @Nullable String meaning(Throwable thrown) {
            for (Class<?> type = thrown.getClass(); type != null; type = type.getSuperclass()) {
                String withText = MEANINGS.get(type.getName() + ": " + message(thrown));
                String meaning = withText == null ? MEANINGS.get(type.getName()) : withText;
                if (meaning != null) {
                    return meaning;
                }
            }
            return null;
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
