package io.toolgate.race.demo;

import static org.assertj.core.api.Assertions.assertThat;

import io.toolgate.migrations.ToolGateMigrations;
import io.toolgate.race.OtherRows;
import io.toolgate.race.RaceJar;
import io.toolgate.race.RaceJar.Result;
import io.zonky.test.db.postgres.embedded.EmbeddedPostgres;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import javax.sql.DataSource;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** The demo on a real PostgreSQL with passwords, from its jar. */
@Timeout(300)
class DemoPostgresIT {
    private static final String USER = "racer";
    private static final String PASSWORD = "s3cret";

    private static EmbeddedPostgres server;

    @TempDir
    Path directory;

    private RaceJar jar;
    private String url;

    @BeforeAll
    static void start() throws IOException, SQLException {
        server = EmbeddedPostgres.builder().setServerConfig("fsync", "on").start();
        try (Connection connection = server.getPostgresDatabase().getConnection();
                Statement statement = connection.createStatement()) {
            // The server would take anybody who comes from this machine.
            try (ResultSet row = statement.executeQuery("SHOW hba_file")) {
                row.next();
                Files.writeString(
                        Path.of(row.getString(1)),
                        "host all postgres 127.0.0.1/32 trust\nhost all all 127.0.0.1/32 scram-sha-256\n");
            }
            statement.execute("SELECT pg_reload_conf()");
            statement.execute("CREATE ROLE " + USER + " LOGIN PASSWORD '" + PASSWORD + "'");
        }
    }

    @AfterAll
    static void stop() throws IOException {
        server.close();
    }

    @BeforeEach
    void database() throws IOException, SQLException {
        jar = new RaceJar(directory, PASSWORD);
        String name = "race_" + Math.abs(System.nanoTime());
        url = "jdbc:postgresql://127.0.0.1:" + server.getPort() + "/" + name;
        try (Connection connection = server.getPostgresDatabase().getConnection();
                Statement statement = connection.createStatement()) {
            statement.execute("CREATE DATABASE " + name + " OWNER " + USER);
        }
    }

    @Test
    void aMissingSchemaIsInstalledOnlyWithMigrate() throws Exception {
        Result refused = jar.run("demo", "--url", url, "--user", USER, "--json");
        assertThat(refused.status()).as("%s", refused).isEqualTo(2);
        assertThat(refused.out()).isEmpty();
        assertThat(refused.err().lines())
                .singleElement()
                .asString()
                .contains("--migrate")
                .doesNotContain(PASSWORD);

        Result held = jar.run(
                "demo", "--url", url, "--user", USER, "--migrate", "--json", "--processes", "4", "--keys", "30");
        assertThat(held.status()).as("%s", held).isZero();
        RaceJar.assertHeld(held.json(), 4, 30, 5);
        assertThat(held.err()).isEmpty();
        assertThat(held.out()).doesNotContain(PASSWORD);
        assertThat(held.json().path("database").textValue()).startsWith("PostgreSQL ");
        assertThat(jar.leftovers()).isEmpty();
    }

    @Test
    void onlyTheRunsRowsAreRemovedEvenIfItWasViolated() throws Exception {
        String[] small = {"demo", "--url", url, "--user", USER, "--processes", "2", "--keys", "5", "--json", "--migrate"
        };
        Result first = jar.run(small);
        assertThat(first.status()).as("%s", first).isZero();
        try (OtherRows others = new OtherRows(url, USER, PASSWORD)) {
            assertThat(others.rowsOf(first.json().path("tenant").textValue())).isZero();
            Result violated = jar.run(RaceJar.with(small, DemoCommand.BYPASS));
            assertThat(violated.status()).as("%s", violated).isEqualTo(1);
            assertThat(others.rowsOf(violated.json().path("tenant").textValue()))
                    .isZero();
            others.assertUntouched();
        }
    }

    @Test
    void rowsThatTheRoleMayNotRemoveAreNamed() throws Exception {
        DataSource database = server.getDatabase("postgres", url.substring(url.lastIndexOf('/') + 1));
        var unused = ToolGateMigrations.migrate(database);
        try (Connection connection = database.getConnection();
                Statement statement = connection.createStatement()) {
            statement.execute("CREATE ROLE runtime LOGIN PASSWORD 'runtime'");
            statement.execute("GRANT SELECT, INSERT, UPDATE ON tg_idempotency, tg_idempotency_checkpoint,"
                    + " tg_idempotency_counts TO runtime");
            statement.execute("GRANT SELECT, INSERT ON tg_idempotency_history TO runtime");
            statement.execute("GRANT SELECT ON tg_idempotency_journal, tg_store_info TO runtime");
        }
        Result held = new RaceJar(directory, "runtime")
                .run("demo", "--url", url, "--json", "--user", "runtime", "--processes", "2", "--keys", "2");
        assertThat(held.status()).as("%s", held).isZero();
        assertThat(held.err())
                .containsPattern("could not remove the rows of tenant race-[0-9a-f]{16} from .*permission");
    }

    @Test
    void aWrongPasswordIsOneLine() throws Exception {
        Result result = new RaceJar(directory, "wrong").run("demo", "--url", url, "--user", USER);
        assertThat(result.status()).as("%s", result).isEqualTo(2);
        assertThat(result.err().lines())
                .singleElement()
                .asString()
                .contains("password")
                .doesNotContain("wrong ");
    }
}
