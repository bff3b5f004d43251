package io.toolgate.store.jdbc.internal.sqlite;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.toolgate.store.ClaimOutcome.Busy;
import io.toolgate.store.ClaimRequest;
import io.toolgate.store.StoreException;
import io.toolgate.store.contract.Rule;
import io.toolgate.store.jdbc.JdbcIdempotencyStore;
import io.toolgate.store.jdbc.TestRequests;
import java.io.IOException;
import java.lang.reflect.InvocationTargetException;
import java.net.URLClassLoader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The library, its driver and SQLite are loaded twice in this JVM, as by two web applications. */
class OpenInThisJvmTest {
    @TempDir
    Path directory;

    private static List<String> registered() {
        return System.getProperties().stringPropertyNames().stream()
                .filter(name -> name.startsWith("io.toolgate.sqlite.open:"))
                .toList();
    }

    @Test
    @Rule(1)
    void aFileThatAnotherClassLoaderHasOpenIsRefusedUntilThatClosesIt() throws Exception {
        Path file = directory.resolve("store.db");
        Path link = directory.resolve("link.db");
        ClaimRequest request = TestRequests.hold(TestRequests.freshId());
        try (URLClassLoader loader = AnotherCopy.load()) {
            try (JdbcIdempotencyStore store = JdbcIdempotencyStore.open("jdbc:sqlite:" + file)) {
                Path unused = Files.createSymbolicLink(link, file);
                assertThat(TestRequests.acquired(store, request).fence()).isEqualTo(1);
                for (Path name : List.of(file, link)) {
                    assertThatThrownBy(() -> AnotherCopy.open(loader, name))
                            .isInstanceOf(InvocationTargetException.class)
                            .cause()
                            .hasMessageContaining("is open in this JVM already")
                            .hasMessageContaining("Share one copy")
                            .extracting(e -> e.getClass().getName())
                            .isEqualTo(StoreException.Misconfigured.class.getName());
                }
                AnotherCopy.open(loader, directory.resolve("another.db")).close();
            }
            AutoCloseable others = AnotherCopy.open(loader, file);
            assertThatThrownBy(() -> JdbcIdempotencyStore.open("jdbc:sqlite:" + file))
                    .isInstanceOf(StoreException.Misconfigured.class)
                    .hasMessageContaining("by java.net.URLClassLoader");
            others.close();
            try (JdbcIdempotencyStore store = JdbcIdempotencyStore.open("jdbc:sqlite:" + file)) {
                assertThat(store.claim(TestRequests.hold(request.id()))).isInstanceOf(Busy.class);
            }
        }
    }

    @Test
    void theLastStoreOfAClassLoaderFreesTheFile() throws IOException {
        List<String> before = registered();
        Path file = directory.resolve("store.db");
        JdbcIdempotencyStore one = JdbcIdempotencyStore.open("jdbc:sqlite:" + file);
        JdbcIdempotencyStore two = JdbcIdempotencyStore.open("jdbc:sqlite:" + file);
        one.close();
        assertThat(registered()).hasSize(before.size() + 1);
        two.close();
        Files.delete(file);
        assertThatThrownBy(() -> JdbcIdempotencyStore.open("jdbc:sqlite:" + file))
                .isInstanceOf(StoreException.Misconfigured.class);
        assertThat(registered()).isEqualTo(before);
    }
}
