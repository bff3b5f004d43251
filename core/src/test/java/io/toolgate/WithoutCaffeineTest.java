package io.toolgate;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.toolgate.store.contract.ModelStore;
import java.io.File;
import java.net.MalformedURLException;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
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

    private static Object call(String without, Class<? extends Callable<Object>> type) throws Exception {
        List<URL> urls = new ArrayList<>();
        for (String entry : System.getProperty("java.class.path").split(File.pathSeparator, -1)) {
            if (!entry.contains(without)) {
                urls.add(url(entry));
            }
        }
        try (URLClassLoader loader =
                new URLClassLoader(urls.toArray(URL[]::new), ClassLoader.getPlatformClassLoader())) {
            Callable<?> callable = (Callable<?>)
                    loader.loadClass(type.getName()).getDeclaredConstructor().newInstance();
            return callable.call();
        }
    }

    private static URL url(String entry) throws MalformedURLException {
        return Path.of(entry).toUri().toURL();
    }

    @Test
    void aGateRunsAndReplays() throws Exception {
        assertThat(call("caffeine", OnceAndAgain.class)).isEqualTo("receipt receipt");
    }

    @Test
    void aCacheIsRefusedByTypeAndTheErrorNamesTheArtifact() throws Exception {
        assertThatThrownBy(() -> call("caffeine", Caching.class))
                .hasMessageContaining("com.github.ben-manes.caffeine:caffeine")
                .satisfies(
                        e -> assertThat(e.getClass().getName()).isEqualTo(ReplayCache.CaffeineMissing.class.getName()));
        assertThat(call("no-such-jar", Caching.class).toString()).startsWith("ReplayCache[maximumBytes=1048576");
    }
}
