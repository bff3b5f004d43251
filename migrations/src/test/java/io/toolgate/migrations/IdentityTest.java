package io.toolgate.migrations;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.List;
import java.util.UUID;
import javax.sql.DataSource;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.sqlite.SQLiteDataSource;

/** A key is its bytes: the identity computed in SQL is the one computed in Java, and nothing is folded together. */
class IdentityTest {

    private static DataSource postgres;

    @TempDir
    Path directory;

    @BeforeAll
    static void migrate() throws SQLException {
        postgres = TestPostgres.freshDatabase();
        assertThat(ToolGateMigrations.migrate(postgres).toVersion()).isEqualTo(ToolGateMigrations.currentVersion());
    }

    static List<List<String>> identities() {
        return List.of(
                List.of("default", "charge-card", "order-981"),
                List.of("größe", "zahlung-auslösen", "Übergröße"),
                List.of("日本", "課金", "注文-1"),
                List.of("😀", "👩‍👩‍👧‍👦", "🇨🇭"),
                List.of("x".repeat(255), "y".repeat(255), "z".repeat(255)),
                List.of("ü".repeat(127) + "u", "😀".repeat(63), "a\\x00b'\"\t\n"));
    }

    @ParameterizedTest
    @MethodSource("identities")
    void theFunctionAgreesWithSha256InJava(List<String> texts) throws Exception {
        assertThat(recordId(texts)).isEqualTo(inJava(texts));
    }

    @Test
    void textsThatOnlyJoinToTheSameAreDifferentIdentities() throws Exception {
        assertThat(recordId(List.of("t", "a", "bc"))).isNotEqualTo(recordId(List.of("t", "ab", "c")));
        assertThat(recordId(List.of("ta", "a", "c"))).isNotEqualTo(recordId(List.of("t", "aa", "c")));
    }

    @Test
    void theFunctionIsNullForNullAndDeclaredAsPromised() throws SQLException {
        assertThat(Sql.one(postgres, "SELECT tg_record_id('t', NULL, 'k') IS NULL"))
                .isEqualTo("t");
        assertThat(Sql.one(
                        postgres,
                        "SELECT provolatile, proisstrict, proparallel FROM pg_proc WHERE proname = 'tg_record_id'"))
                .isEqualTo("i | t | s");
    }

    static List<List<String>> lookAlikes() {
        return List.of(
                List.of("Key", "key"),
                List.of("\u00fc", "u\u0308"),
                List.of("k", "k "),
                List.of("1", "01"),
                List.of("\u212a", "K"),
                List.of("stra\u00dfe", "strasse"));
    }

    @ParameterizedTest
    @MethodSource("lookAlikes")
    void keysThatLookAlikeAreDifferent(List<String> pair) throws SQLException {
        SQLiteDataSource sqlite = new SQLiteDataSource();
        sqlite.setUrl("jdbc:sqlite:" + directory.resolve("keys.db"));
        assertThat(ToolGateMigrations.migrate(sqlite).toVersion()).isEqualTo(ToolGateMigrations.currentVersion());
        for (DataSource dataSource : List.of(postgres, sqlite)) {
            try (Connection connection = dataSource.getConnection()) {
                connection.setAutoCommit(false);
                insert(connection, pair.get(0), dataSource == postgres);
                assertThat(countOf(connection, pair.get(0))).isEqualTo(1);
                assertThat(countOf(connection, pair.get(1))).isZero();
                connection.rollback();
            }
        }
    }

    @Test
    void everyTextColumnComparesByBytes() throws SQLException {
        assertThat(Sql.rows(
                        postgres,
                        "SELECT DISTINCT attcollation::regcollation FROM pg_attribute WHERE attrelid ="
                                + " 'tg_idempotency'::regclass AND atttypid = 'text'::regtype"))
                .containsExactly("\"C\"");
    }

    @Test
    void aKeyHasOneRow() throws SQLException {
        try (Connection connection = postgres.getConnection()) {
            connection.setAutoCommit(false);
            insert(connection, "k", true);
            assertThatThrownBy(() -> insert(connection, "k", true)).hasMessageContaining("tg_idempotency_pkey");
            connection.rollback();
        }
    }

    private static void insert(Connection connection, String key, boolean postgresql) throws SQLException {
        Sql.run(connection, Samples.claim(postgresql ? Database.POSTGRESQL : Database.SQLITE, key));
    }

    private static int countOf(Connection connection, String key) throws SQLException {
        try (PreparedStatement query =
                connection.prepareStatement("SELECT count(*) FROM tg_idempotency WHERE idempotency_key = ?")) {
            query.setString(1, key);
            try (ResultSet row = query.executeQuery()) {
                assertThat(row.next()).isTrue();
                return row.getInt(1);
            }
        }
    }

    private static UUID recordId(List<String> texts) throws SQLException {
        try (Connection connection = postgres.getConnection();
                PreparedStatement query = connection.prepareStatement("SELECT tg_record_id(?, ?, ?)")) {
            for (int i = 0; i < 3; i++) {
                query.setString(i + 1, texts.get(i));
            }
            try (ResultSet row = query.executeQuery()) {
                assertThat(row.next()).isTrue();
                return row.getObject(1, UUID.class);
            }
        }
    }

    private static UUID inJava(List<String> texts) throws NoSuchAlgorithmException {
        MessageDigest sha = MessageDigest.getInstance("SHA-256");
        for (String text : texts) {
            byte[] utf8 = text.getBytes(StandardCharsets.UTF_8);
            sha.update(ByteBuffer.allocate(4).putInt(utf8.length).array());
            sha.update(utf8);
        }
        ByteBuffer digest = ByteBuffer.wrap(sha.digest());
        return new UUID(digest.getLong(), digest.getLong());
    }
}
