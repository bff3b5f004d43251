package io.toolgate.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.toolgate.TestLog;
import io.toolgate.cli.CliDatabase.Kind;
import io.toolgate.store.jdbc.JdbcIdempotencyStore;
import io.toolgate.store.jdbc.TestPostgres;
import io.toolgate.store.jdbc.TestStandby;
import java.nio.file.Path;
import java.sql.SQLException;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Which standbys {@code doctor} warns of, whatever its role may see of them. */
@Timeout(60)
class DoctorStandbysTest {
    private static final Pattern WARNING = Pattern.compile("has (\\d+) standby");

    @TempDir
    Path directory;

    private CliDatabase database;

    @BeforeEach
    void open() {
        database = new CliDatabase(Kind.POSTGRESQL, directory);
        // The embedded server's default is off, for speed.
        database.setting("synchronous_commit", "on");
        database.run("CREATE ROLE limited LOGIN");
        database.run(TestPostgres.runtimeGrants("limited"));
    }

    @AfterEach
    void close() {
        TestStandby.nameSynchronous("");
        database.run("DROP OWNED BY limited", "DROP ROLE limited");
        database.close();
    }

    private String limited() {
        return database.url().replace("user=postgres", "user=limited");
    }

    /** How many standbys doctor finds: as many as a store warns of. */
    private int found() {
        int found = commitSafety().path("found").intValue();
        Matcher warning = WARNING.matcher(
                TestLog.of(() -> JdbcIdempotencyStore.open(limited()).close()));
        assertThat(warning.find() ? Integer.parseInt(warning.group(1)) : 0)
                .as("a store's warning")
                .isEqualTo(found);
        return found;
    }

    private JsonNode commitSafety() {
        for (JsonNode check :
                database.plain("doctor", "--json", "--url", limited()).json().path("checks")) {
            if (check.path("name").textValue().equals("commit_safety")) {
                return check;
            }
        }
        throw new AssertionError("not checked");
    }

    @Test
    void aStandbyThatNoCommitWaitsForIsFoundThoughTheRoleMayNotSeeItsState() throws SQLException {
        assertThat(found()).isZero();
        try (TestStandby replica = new TestStandby("replica")) {
            assertThat(found()).isEqualTo(1);
            assertThat(commitSafety().path("example").textValue()).startsWith("asynchronous standby ");
        }
    }

    @Test
    void anAsynchronousStandbyBesideASynchronousOneIsNotNorIsACopyOfTheServer() throws SQLException {
        try (TestStandby copy = new TestStandby("pg_receivewal")) {
            assertThat(found()).isZero();
            TestPostgres.admin().run("GRANT pg_monitor TO limited");
            assertThat(found()).isZero();
        }
        TestStandby.nameSynchronous("other");
        try (TestStandby replica = new TestStandby("replica")) {
            assertThat(found()).isZero();
        }
    }
}
