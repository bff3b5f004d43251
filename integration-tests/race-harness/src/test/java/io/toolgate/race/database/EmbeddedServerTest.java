package io.toolgate.race.database;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.toolgate.race.RaceMain;
import io.toolgate.race.UsageException;
import io.toolgate.race.process.JavaLauncher;
import io.toolgate.store.IdempotencyStore;
import java.io.BufferedReader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(180)
class EmbeddedServerTest {
    @TempDir
    Path directory;

    @Test
    void aStoreOpensOnItAndNothingIsLeftOfIt() throws Exception {
        ProcessHandle postmaster;
        try (EmbeddedServer server = EmbeddedServer.start(guard(), postgres(), log())) {
            postmaster = postmaster();
            assertThat(postmaster.isAlive()).isTrue();
            Database database = server.database();
            assertThat(Preparation.prepare(database, true)).startsWith("PostgreSQL ");
            try (IdempotencyStore store = database.open(2)) {
                assertThat(store.findUnfinished(Duration.ZERO, 10)).isEmpty();
            }
            assertThat(setting(database, "fsync")).isEqualTo("on");
            assertThat(setting(database, "max_connections")).isEqualTo("300");
            // Whoever else uses this machine has no business there.
            assertThatThrownBy(() -> DriverManager.getConnection(database.url(), PostgresGuard.USER, "guessed")
                            .close())
                    .isInstanceOf(SQLException.class)
                    .hasMessageContaining("password");
        }
        assertThat(postmaster.onExit()).succeedsWithin(Duration.ofSeconds(30));
        assertThat(postgres()).doesNotExist();
    }

    @Test
    void itDoesNotOutliveAParentThatIsKilled() throws Exception {
        Process parent = new ProcessBuilder(
                        JavaLauncher.command(directory, EmbeddedServerParent.class, directory.toString()))
                .redirectError(directory.resolve("parent.log").toFile())
                .start();
        try (BufferedReader output = parent.inputReader()) {
            assertThat(output.readLine()).startsWith("jdbc:postgresql:");
            ProcessHandle postmaster = postmaster();
            List<ProcessHandle> guards = parent.children().toList();
            assertThat(guards).hasSize(1);
            parent.destroyForcibly();
            for (ProcessHandle process : List.of(guards.get(0), postmaster)) {
                assertThat(process.onExit()).succeedsWithin(Duration.ofSeconds(60));
            }
            assertThat(postgres()).doesNotExist();
        } finally {
            parent.destroyForcibly();
        }
    }

    @Test
    void whyItDoesNotStartIsOneLine() throws Exception {
        Files.createDirectories(postgres().resolve("data"));
        Files.createFile(postgres().resolve("data").resolve("something"));
        assertThatThrownBy(() -> EmbeddedServer.start(guard(), postgres(), log()))
                .isInstanceOf(UsageException.class)
                .hasMessageContaining("not empty")
                .hasMessageContaining("--url")
                .message()
                .doesNotContain("\n");
        assertThat(postgres()).doesNotExist();
    }

    private List<String> guard() {
        return JavaLauncher.command(directory, RaceMain.class, PostgresGuard.ROLE);
    }

    private Path postgres() {
        return directory.resolve("postgres");
    }

    private Path log() {
        return directory.resolve("postgres.log");
    }

    private ProcessHandle postmaster() throws Exception {
        Path file = postgres().resolve("data").resolve("postmaster.pid");
        return ProcessHandle.of(Long.parseLong(Files.readAllLines(file).get(0))).orElseThrow();
    }

    private static String setting(Database database, String name) throws SQLException {
        try (Connection connection = database.connect();
                Statement statement = connection.createStatement();
                ResultSet row = statement.executeQuery("SHOW " + name)) {
            row.next();
            return row.getString(1);
        }
    }
}
