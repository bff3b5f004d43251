package io.toolgate;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.toolgate.store.contract.ModelStore;
import java.time.Duration;
import java.util.concurrent.Callable;
import org.junit.jupiter.api.Test;

/** Caffeine is optional: everything but the replay cache works without it, and the cache names the missing artifact. */
class WithoutCaffeineTest {
    /** Runs in a class loader of its own. */
    public static final class OnceAndAgain implements Callable<Object> {
        @Override
        public Object call() {
            try (ToolGate gate = ToolGate.on(new ModelStore()).build()) {
                String first = gate.execute("charge", IdempotencyKey.of("k"), () -> "receipt")
                        .valueOrThrow();
                String second = gate.execute("charge", IdempotencyKey.of("k"), () -> "another")
                        .valueOrThrow();
                return first + " " + second;
            }
        }
    }

    /** Runs in a class loader of its own. */
    public static final class Caching implements Callable<Object> {
        @Override
        public Object call() {
            return ReplayCache.bounded(1 << 20, Duration.ofMinutes(1));
        }
    }

    @Test
    void aGateRunsAndReplays() throws Exception {
        assertThat(IsolatedClassPath.call(OnceAndAgain.class, "caffeine")).isEqualTo("receipt receipt");
    }

    @Test
    void aCacheIsRefusedByTypeAndTheErrorNamesTheArtifact() throws Exception {
        assertThatThrownBy(() -> IsolatedClassPath.call(Caching.class, "caffeine"))
                .hasMessageContaining("com.github.ben-manes.caffeine:caffeine")
                .satisfies(
                        e -> assertThat(e.getClass().getName()).isEqualTo(ReplayCache.CaffeineMissing.class.getName()));
        assertThat(IsolatedClassPath.call(Caching.class).toString()).startsWith("ReplayCache[maximumBytes=1048576");
    }
}
