package io.toolgate.store.jdbc.internal.open;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.toolgate.store.StoreException;
import io.toolgate.store.jdbc.JdbcIdempotencyStore;
import io.toolgate.store.jdbc.internal.sql.Dialect;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** A URL is refused before anything is opened, with the part that is wrong and what to write instead. */
class StoreUrlTest {
    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "''                                            | The URL of the store is empty",
                "'   '                                         | The URL of the store is empty",
                "postgresql://db/payments                      | lacks \"jdbc:\" in front",
                "postgres://me:hunter2@db/payments             | lacks \"jdbc:\" in front",
                "sqlite:/tmp/x.db                              | lacks \"jdbc:\" in front",
                "jdbc:postgres://db/payments                   | \"jdbc:postgres:\" is not how the driver spells it",
                "jdbc:pgsql://db/payments                      | \"jdbc:pgsql:\" is not how the driver spells it",
                "JDBC:POSTGRESQL://db/payments                 | is not how the driver spells it",
                "jdbc:sqlite3:/tmp/x.db                        | \"jdbc:sqlite3:\" is not how the driver spells it",
                "jdbc:mysql://db/payments?password=hunter2     | \"jdbc:mysql:\" names a database that ToolGate does"
                        + " not support",
                "jdbc:h2:mem:x                                 | \"jdbc:h2:\" names a database that ToolGate does not"
                        + " support",
                "jdbc:oracle:thin:me/hunter2@db:1521:x         | \"jdbc:oracle:\" names a database",
                "jdbc:postgresql://me:hunter2@db/payments      | has a user in front of the host",
                "jdbc:postgresql://db:port/payments            | cannot read",
                "jdbc:sqlite:                                  | names no file",
                "jdbc:sqlite::memory:                          | is a database in memory",
                "jdbc:sqlite:file:x?mode=memory&cache=shared   | is a database in memory",
                "jdbc:sqlite:file:/tmp/x.db                    | is more than a path",
                "jdbc:sqlite:/tmp/x.db?journal_mode=OFF        | is more than a path",
                "/tmp/x.db                                     | is not a JDBC URL"
            })
    void isRefusedWithTheCorrectUrl(String url, String reason) {
        assertThatThrownBy(() -> JdbcIdempotencyStore.open(url))
                .isInstanceOf(StoreException.Misconfigured.class)
                .hasMessageContaining(reason)
                .hasMessageContaining("Write jdbc:postgresql://host:5432/database, or jdbc:sqlite:/path/to/store.db")
                .hasMessageNotContaining("hunter2");
    }

    @Test
    void nullIsRefusedLikeAnEmptyOne() {
        assertThatThrownBy(() -> JdbcIdempotencyStore.open(null)).isInstanceOf(StoreException.Misconfigured.class);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "jdbc:postgresql://db:5432/payments",
                "jdbc:postgresql:payments",
                "jdbc:postgresql://a:1,b:2/payments?targetServerType=primary",
                "jdbc:postgresql://db/payments?user=me@example.com"
            })
    void everyUrlOfTheDriverIsAccepted(String url) {
        StoreUrl parsed = StoreUrl.parse(url);
        assertThat(parsed.dialect()).isEqualTo(Dialect.POSTGRESQL);
        assertThat(parsed.text()).isEqualTo(url);
        assertThat(parsed.file()).isNull();
    }

    @Test
    void aRelativeFileIsMadeAbsolute() {
        StoreUrl parsed = StoreUrl.parse("jdbc:sqlite:./x.db");
        assertThat(parsed.dialect()).isEqualTo(Dialect.SQLITE);
        assertThat(parsed.file()).isEqualTo(Path.of("x.db").toAbsolutePath());
    }

    @ParameterizedTest
    @CsvSource({
        "jdbc:postgresql://db/p?user=me&password=hunter2&ssl=true,jdbc:postgresql://db/p?user=me&password=***&ssl=true",
        "jdbc:postgresql://db/p?sslpassword=hunter2,jdbc:postgresql://db/p?sslpassword=***",
        "jdbc:postgresql://db/p?PASSWORD=hunter2,jdbc:postgresql://db/p?PASSWORD=***",
        "postgres://me:hunter2@db/p,postgres://***@db/p"
    })
    void noMessageContainsASecret(String url, String shown) {
        assertThat(StoreUrl.redact(url)).isEqualTo(shown);
    }
}
