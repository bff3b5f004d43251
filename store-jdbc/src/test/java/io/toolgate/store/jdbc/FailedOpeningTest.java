package io.toolgate.store.jdbc;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.toolgate.store.StoreException;
import io.toolgate.store.jdbc.TestPostgres.TestDatabase;
import io.toolgate.store.jdbc.internal.sqlite.SqliteConnections;
import io.toolgate.store.jdbc.internal.sqlite.WriterQueue;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.SQLException;
import java.util.HashSet;
import java.util.Set;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.UnaryOperator;
import javax.sql.DataSource;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** An opening that fails late leaves nothing behind: no thread, no connection, no lock. */
class FailedOpeningTest {
    private static final String OPEN = "io.toolgate.sqlite.open:";

    @TempDir
    Path directory;

    private Path file;
    private Set<Thread> threadsBefore;
    private Set<Object> filesBefore;

    @BeforeEach
    void remember() {
        file = directory.resolve("store.db");
        threadsBefore = new HashSet<>(Thread.getAllStackTraces().keySet());
        filesBefore = openFiles();
    }

    @AfterEach
    void nothingIsLeft() throws InterruptedException {
        for (Thread thread : Thread.getAllStackTraces().keySet()) {
            if (thread.getName().startsWith("toolgate") && !threadsBefore.contains(thread)) {
                thread.join(10_000);
                assertThat(thread.isAlive()).as(thread.getName()).isFalse();
            }
        }
        assertThat(openFiles()).isEqualTo(filesBefore);
    }

    private static Set<Object> openFiles() {
        Set<Object> open = new HashSet<>(System.getProperties().keySet());
        open.removeIf(name -> !name.toString().startsWith(OPEN));
        return open;
    }

    private JdbcIdempotencyStore.Builder sqlite() {
        return JdbcIdempotencyStore.builder(TestSqlite.installed(file));
    }

    private void assertThatItIsFree() {
        assertThat(SqliteConnections.isInUse(file)).isFalse();
        assertThat(WriterQueue.isOpen(file)).isFalse();
        sqlite().open().close();
    }

    /** Fails the {@code failing}th time. */
    private static UnaryOperator<DataSource> failing(int failing) {
        AtomicInteger calls = new AtomicInteger();
        return given -> {
            if (calls.incrementAndGet() == failing) {
                throw new IllegalStateException("wrapper");
            }
            return given;
        };
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 2})
    void afterThePoolsOfASqliteStore(int wrapped) {
        assertThatThrownBy(() -> sqlite().wrapper(failing(wrapped)).open()).hasMessage("wrapper");
        assertThatItIsFree();
    }

    @Test
    void atTheClockOfASqliteStore() throws SQLException {
        sqlite().open().close();
        Backend backend = Backend.sqlite(directory);
        backend.run("UPDATE tg_store_info SET created_at = created_at + 86400000");
        assertThatThrownBy(() -> sqlite().open())
                .isInstanceOf(StoreException.Misconfigured.class)
                .hasMessageContaining("ahead of");
        backend.run("UPDATE tg_store_info SET created_at = created_at - 86400000");
        assertThatItIsFree();
    }

    @Test
    void atTheLastCheckOfASqliteStore() throws IOException {
        Path other = directory.resolve("other.db");
        UnaryOperator<DataSource> linking = given -> {
            try {
                if (!Files.exists(other)) {
                    Path unused = Files.createLink(other, file);
                }
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
            return given;
        };
        assertThatThrownBy(() -> sqlite().wrapper(linking).open())
                .isInstanceOf(StoreException.Misconfigured.class)
                .hasMessageContaining("has 2 names");
        Files.delete(other);
        assertThatItIsFree();
    }

    @Test
    void afterThePoolOfAPostgresqlStore() {
        TestDatabase database = TestPostgres.shared();
        assertThatThrownBy(() -> JdbcIdempotencyStore.builder(database.url())
                        .wrapper(failing(1))
                        .open())
                .hasMessage("wrapper");
    }
}
