package io.toolgate.store;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.toolgate.store.contract.Rule;
import java.io.ByteArrayOutputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.util.HashSet;
import java.util.HexFormat;
import java.util.List;
import java.util.Set;
import java.util.UUID;
import org.junit.jupiter.api.Test;

/** The identity of a record, and its hash and provider key, which are stored and which other programs compute too. */
class RecordIdTest {

    /** SHA-256 over the three length-prefixed texts, written another way than the code under test. */
    private static String sha256(String... texts) throws Exception {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try (DataOutputStream out = new DataOutputStream(bytes)) {
            for (String text : texts) {
                byte[] utf8 = text.getBytes(StandardCharsets.UTF_8);
                out.writeInt(utf8.length);
                out.write(utf8);
            }
        } catch (IOException e) {
            throw new AssertionError(e);
        }
        return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(bytes.toByteArray()));
    }

    @Test
    @Rule(1)
    void theUuidIsTheFirstHalfOfTheHash() throws Exception {
        for (String[] texts : new String[][] {
            {"tenant-42", "charge-card", "order-981"},
            {"t", "a", "k"},
            {"\u20ac", "\u00e9", "\uD83D\uDE80"},
            {"t".repeat(255), "a".repeat(255), "k".repeat(255)}
        }) {
            RecordId id = RecordId.of(texts[0], texts[1], texts[2]);
            assertThat(id.toUuid().toString().replace("-", ""))
                    .isEqualTo(sha256(texts).substring(0, 32));
        }
    }

    /** Computed once by hand: printf '\0\0\0\1t\0\0\0\1a\0\0\0\1k' | sha256sum. */
    @Test
    @Rule(1)
    void theHashNeverChangesBetweenVersions() {
        RecordId id = RecordId.of("t", "a", "k");
        assertThat(id.toUuid()).isEqualTo(UUID.fromString("492c35fe-24fb-3cc1-2ab5-516f831ea521"));
        assertThat(id.providerKey()).isEqualTo(UUID.fromString("ae36f148-b1c0-8d9a-8a1a-2a3358209022"));
    }

    @Test
    @Rule(5)
    void theProviderKeyIsAVersion8UuidFromTheOtherHalf() throws Exception {
        RecordId id = RecordId.of("tenant-42", "charge-card", "order-981");
        UUID key = id.providerKey();
        assertThat(key.version()).isEqualTo(8);
        assertThat(key.variant()).isEqualTo(2);
        String half = sha256("tenant-42", "charge-card", "order-981").substring(32);
        String hex = key.toString().replace("-", "");
        assertThat(hex.substring(0, 12)).isEqualTo(half.substring(0, 12));
        assertThat(hex.substring(13, 16)).isEqualTo(half.substring(13, 16));
        assertThat(hex.substring(17)).isEqualTo(half.substring(17));
    }

    @Test
    @Rule(5)
    void theProviderKeyIsStableAndDiffersPerIdentity() {
        assertThat(RecordId.of("t", "a", "k").providerKey())
                .isEqualTo(RecordId.of("t", "a", "k").providerKey());
        List<RecordId> others = List.of(
                RecordId.of("t", "a", "k"),
                RecordId.of("t2", "a", "k"),
                RecordId.of("t", "a2", "k"),
                RecordId.of("t", "a", "k2"),
                RecordId.of("ta", "k", "t"),
                RecordId.of("a", "bc", "d"),
                RecordId.of("ab", "c", "d"));
        Set<UUID> keys = new HashSet<>();
        Set<UUID> uuids = new HashSet<>();
        for (RecordId id : others) {
            assertThat(keys.add(id.providerKey())).isTrue();
            assertThat(uuids.add(id.toUuid())).isTrue();
        }
        assertThat(keys).doesNotContainAnyElementsOf(uuids);
    }

    @Test
    @Rule(1)
    void equalTextsAreEqualIdsAndDifferentTextsAreNot() {
        RecordId id = RecordId.of("t", "a", "k");
        assertThat(id).isEqualTo(RecordId.of("t", "a", "k")).hasSameHashCodeAs(RecordId.of("t", "a", "k"));
        assertThat(id)
                .isNotEqualTo(RecordId.of("T", "a", "k"))
                .isNotEqualTo(RecordId.of("t", "A", "k"))
                .isNotEqualTo(RecordId.of("t", "a", "K"))
                .isNotEqualTo("t/a/k");
    }

    @Test
    void theKeyStaysOutOfLogs() {
        assertThat(RecordId.of("tenant", "action", "secret-key").toString())
                .contains("tenant", "action")
                .doesNotContain("secret-key");
    }

    @Test
    void anInvalidIdentifierIsRefusedWithTheReasonAndWithoutTheText() {
        assertThatThrownBy(() -> RecordId.of("t", "a", ""))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("idempotency key is empty");
        assertThatThrownBy(() -> RecordId.of("t", "a", null)).hasMessageContaining("idempotency key is null");
        assertThatThrownBy(() -> RecordId.of("t", "a", "ab\0c")).hasMessageContaining("NUL character at index 2");
        assertThatThrownBy(() -> RecordId.of("t", "a", "a\uD83D"))
                .hasMessageContaining("unpaired surrogate (U+D83D) at index 1");
        assertThatThrownBy(() -> RecordId.of("t", "a", "\u20ac".repeat(86)))
                .hasMessageContaining("258 bytes")
                .hasMessageNotContaining("\u20ac");
        assertThatThrownBy(() -> RecordId.of("t", " ", "k")).hasMessageContaining("action name is blank");
    }
}
