package io.toolgate;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.toolgate.store.contract.ModelStore;
import io.toolgate.store.contract.Rule;
import java.math.BigDecimal;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.util.Set;
import java.util.concurrent.Callable;
import org.junit.jupiter.api.Test;

/** Jackson 2 and Jackson 3 are optional; whichever is there, and whatever thread asks, the same is written. */
class JacksonOnClassPathTest {
    private static final String TWO = "/com/fasterxml/jackson/core/jackson-databind/";
    private static final String THREE = "/tools/jackson/core/jackson-databind/";
    private static final String MODULES_OF_TWO = "/jackson-datatype-";

    record Receipt(String id, BigDecimal amount, OffsetDateTime at) {}

    record Timed(Instant at) {}

    record Charge(String account, BigDecimal amount, Set<String> tags, OffsetDateTime at) {}

    private static final OffsetDateTime AT = OffsetDateTime.parse("2026-11-30T15:24:06+02:00");

    /** What the library writes: a result that is replayed, and a fingerprint. */
    public static final class Write implements Callable<Object> {
        @Override
        public Object call() throws Exception {
            JsonCodec<Receipt> codec = JsonCodec.of(Receipt.class);
            Receipt receipt = new Receipt("r-1", new BigDecimal("1.10"), AT);
            PaidAction<Charge, Receipt> action = PaidAction.<Charge, Receipt>named("charge")
                    .run((input, attempt) -> receipt)
                    .codec(codec)
                    .build();
            Charge charge = new Charge("a", new BigDecimal("5.0"), Set.of("b", "a"), AT);
            try (ToolGate gate = ToolGate.on(new ModelStore()).build()) {
                Receipt first =
                        gate.execute(action, IdempotencyKey.of("k"), charge).valueOrThrow();
                Receipt second =
                        gate.execute(action, IdempotencyKey.of("k"), charge).valueOrThrow();
                if (!first.equals(receipt) || !second.equals(receipt)) {
                    throw new AssertionError(first + " and " + second);
                }
            }
            return new String(codec.encode(receipt), StandardCharsets.UTF_8)
                    + new String(Fingerprint.json().canonical(charge), StandardCharsets.ISO_8859_1);
        }
    }

    public static final class TextOnly implements Callable<Object> {
        @Override
        public Object call() {
            try (ToolGate gate = ToolGate.on(new ModelStore()).build()) {
                return gate.execute("charge", IdempotencyKey.of("k"), () -> "receipt")
                        .valueOrThrow();
            }
        }
    }

    public static final class MakeCodec implements Callable<Object> {
        @Override
        public Object call() {
            return JsonCodec.of(Timed.class);
        }
    }

    public static final class MakeFingerprint implements Callable<Object> {
        @Override
        public Object call() {
            return Fingerprint.json();
        }
    }

    public static final class BuildAction implements Callable<Object> {
        @Override
        public Object call() {
            return PaidAction.<String, String>named("charge")
                    .run((input, attempt) -> "")
                    .codec(ResultCodec.text())
                    .build();
        }
    }

    @Test
    @Rule({2, 9})
    void eitherIsEnoughAndBothWriteTheSame() throws Exception {
        Object both = IsolatedClassPath.call(Write.class);
        assertThat(both.toString()).startsWith("{\"amount\":1.10,\"at\":\"2026-11-30T15:24:06+02:00\",\"id\":\"r-1\"}");
        assertThat(IsolatedClassPath.call(
                        Write.class, TWO, "/com/fasterxml/jackson/core/jackson-core/", MODULES_OF_TWO))
                .isEqualTo(both);
        assertThat(IsolatedClassPath.call(Write.class, "/tools/jackson/")).isEqualTo(both);
    }

    @Test
    void withoutEitherTheErrorNamesBoth() throws Exception {
        assertThat(IsolatedClassPath.call(TextOnly.class, TWO, THREE)).isEqualTo("receipt");
        assertNamesBoth(MakeCodec.class, "JsonCodec");
        assertNamesBoth(MakeFingerprint.class, "Fingerprint.json()");
        assertNamesBoth(BuildAction.class, "Fingerprint.json()");
    }

    private static void assertNamesBoth(Class<? extends Callable<Object>> user, String name) {
        assertThatThrownBy(() -> IsolatedClassPath.call(user, TWO, THREE))
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining(name)
                .hasMessageContaining("com.fasterxml.jackson.core:jackson-databind")
                .hasMessageContaining("tools.jackson.core:jackson-databind");
    }

    @Test
    void aTypeThatNeedsAModuleIsRefusedAndTheErrorNamesIt() throws Exception {
        assertThatThrownBy(() -> IsolatedClassPath.call(MakeCodec.class, MODULES_OF_TWO))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("Timed")
                .hasMessageContaining("\"at\" of type java.time.Instant")
                .hasMessageContaining("com.fasterxml.jackson.datatype:jackson-datatype-jsr310");
        assertThat(IsolatedClassPath.call(MakeCodec.class)).isNotNull();
    }

    /** Modules are searched with the library's class loader, not with one that happens to be the thread's. */
    @Test
    @Rule({2, 9})
    void theThreadsContextClassLoaderDoesNotMatter() throws Exception {
        Object here = new Write().call();
        Thread thread = Thread.currentThread();
        ClassLoader before = thread.getContextClassLoader();
        try (URLClassLoader empty = new URLClassLoader(new URL[0], null)) {
            thread.setContextClassLoader(empty);
            assertThat(new Write().call()).isEqualTo(here);
            thread.setContextClassLoader(null);
            assertThat(new Write().call()).isEqualTo(here);
        } finally {
            thread.setContextClassLoader(before);
        }
    }
}
