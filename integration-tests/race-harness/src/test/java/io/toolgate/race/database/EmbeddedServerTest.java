package io.toolgate.race.database;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.toolgate.race.RaceMain;
import io.toolgate.store.IdempotencyStore;
import io.toolgate.support.DatabaseLogin;
import io.toolgate.support.UsageException;
import io.toolgate.support.process.EmbeddedServer;
import io.toolgate.support.process.JavaCommand;
import io.toolgate.support.process.PostgresGuard;
import java.io.BufferedReader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(180)
class EmbeddedServerTest {
    private static final Map<String, String> SETTINGS = Map.of("max_connections", "300");

    @TempDir
    Path directory;

    @Test
    void aStoreOpensOnItAndNothingIsLeftOfIt() throws Exception {
        ProcessHandle postmaster;
        // As users have it, with PostgreSQL's programs unpacked into the server's own directory.
        List<String> guard = new ArrayList<>(guard());
        boolean unused = guard.removeIf(option -> option.startsWith("-D" + PostgresGuard.PROGRAMS));
        try (EmbeddedServer server = EmbeddedServer.start(guard, postgres(), log(), SETTINGS)) {
            postmaster = postmaster();
            assertThat(postmaster.isAlive()).isTrue();
            DatabaseLogin database = server.login();
            assertThat(Preparation.prepare(database, true)).startsWith("PostgreSQL ");
            try (IdempotencyStore store = Stores.open(database, 2)) {
                assertThat(store.findUnfinished(Duration.ZERO, 10)).isEmpty();
            }
            assertThat(setting(database, "fsync")).isEqualTo("on");
            assertThat(setting(database, "max_connections")).isEqualTo("300");
            // Whoever else uses this machine has no business there.
            assertThatThrownBy(() -> DriverManager.getConnection(database.url(), "postgres", "guessed")
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
                        JavaCommand.shortLived(directory, EmbeddedServerParent.class, directory.toString()))
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
        assertThatThrownBy(() -> EmbeddedServer.start(guard(), postgres(), log(), SETTINGS))
                .isInstanceOf(UsageException.class)
                .hasMessageContaining("not empty")
                .hasMessageContaining("--url")
                .message()
                .doesNotContain("\n");
        assertThat(postgres()).doesNotExist();
    }

    private List<String> guard() {
        return JavaCommand.shortLived(directory, RaceMain.class, PostgresGuard.ROLE);
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

    private static String setting(DatabaseLogin database, String name) throws SQLException {
        try (Connection connection = database.connect();
                Statement statement = connection.createStatement();
                ResultSet row = statement.executeQuery("SHOW " + name)) {
            row.next();
            return row.getString(1);
        }
    }
}
