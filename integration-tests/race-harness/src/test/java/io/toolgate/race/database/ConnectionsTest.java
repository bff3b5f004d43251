package io.toolgate.race.database;

import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.toolgate.support.DatabaseLogin;
import io.toolgate.support.UsageException;
import io.zonky.test.db.postgres.embedded.EmbeddedPostgres;
import java.nio.file.Path;
import java.sql.Connection;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(120)
class ConnectionsTest {
    private static final DatabaseLogin SOME = new DatabaseLogin("jdbc:postgresql://db/pay", null, null);

    @Test
    void justEnoughIsEnough() {
        assertThatCode(() -> Preparation.requireConnections(SOME, 92, 100, 3, 5))
                .doesNotThrowAnyException();
        assertThatThrownBy(() -> Preparation.requireConnections(SOME, 93, 100, 3, 5))
                .isInstanceOf(UsageException.class)
                .hasMessageContainingAll(
                        "needs 93", "has 92 to give", "is 100", "3 of them", "5 in use", "--processes");
    }

    @Test
    void aSqliteFileHasRoom() {
        assertThatCode(() -> Preparation.requireConnections(DatabaseLogin.sqlite(Path.of("race.db")), 1_000_000))
                .doesNotThrowAnyException();
    }

    @Test
    void theServersLimitIsRead() throws Exception {
        try (EmbeddedPostgres server = EmbeddedPostgres.builder()
                .setServerConfig("max_connections", "20")
                .setServerConfig("superuser_reserved_connections", "4")
                .start()) {
            DatabaseLogin database = new DatabaseLogin(server.getJdbcUrl("postgres", "postgres"), null, null);
            try (Connection one = database.connect()) {
                assertThatCode(() -> Preparation.requireConnections(database, 10))
                        .doesNotThrowAnyException();
                assertThatThrownBy(() -> Preparation.requireConnections(database, 16))
                        .isInstanceOf(UsageException.class)
                        .hasMessageContainingAll("max_connections is 20", "4 of them", "needs 16");
            }
        }
    }
}
