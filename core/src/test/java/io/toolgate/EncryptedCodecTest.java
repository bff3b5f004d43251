package io.toolgate;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.toolgate.store.RecordId;
import java.io.ByteArrayOutputStream;
import java.io.DataOutputStream;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.SecureRandom;
import java.util.Arrays;
import java.util.HashSet;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Set;
import javax.crypto.Cipher;
import javax.crypto.SecretKey;
import javax.crypto.spec.GCMParameterSpec;
import javax.crypto.spec.SecretKeySpec;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@Timeout(60)
class EncryptedCodecTest {
    static final RecordId ID = RecordId.of("tenant", "charge-card", "order-981");
    static final ResultContext HERE = ResultContext.ofResult(ID);
    static final String SECRET = "4111-1111-1111-1111";
    static final String CODEC = "aes-gcm/1+text/1";

    private final EncryptedCodec<String> codec = codec("k1", Map.of("k1", key(32, 0)));

    static SecretKey key(int bytes, int first) {
        byte[] key = new byte[bytes];
        for (int i = 0; i < bytes; i++) {
            key[i] = (byte) (first + i);
        }
        return new SecretKeySpec(key, "AES");
    }

    static EncryptedCodec<String> codec(String currentId, Map<String, SecretKey> keys) {
        return EncryptedCodec.of(ResultCodec.text(), EncryptionKeys.of(currentId, keys));
    }

    static String decode(EncryptedCodec<String> codec, byte[] bytes) throws Exception {
        return codec.decode(bytes, CODEC, HERE);
    }

    /** Asserts that {@code bytes} are refused with {@code why} in a message that quotes no stored value. */
    static void assertRefused(EncryptedCodec<String> codec, byte[] bytes, ResultContext at, String why) {
        assertThatThrownBy(() -> codec.decode(bytes, CODEC, at))
                .isInstanceOf(GeneralSecurityException.class)
                .hasMessageContaining(why)
                .hasNoCause()
                .hasNoSuppressedExceptions();
    }

    // The stored format

    /** Written in the documented format by another implementation of AES-GCM; must stay readable for ever. */
    @Test
    void theStoredFormNeverChangesBetweenVersions() throws Exception {
        byte[] stored = HexFormat.of()
                .parseHex("01046b2dc3a96465666768696a6b6c6d6e6f"
                        + "3a7ebd03109922b3fdcb70b45e1fab6c257ab02843579c3803e6");
        EncryptedCodec<String> known = codec("k-é", Map.of("k-é", key(32, 0)));
        assertThat(decode(known, stored)).isEqualTo("receipt-é");
        SecureRandom fixed = new SecureRandom() {
            @Override
            public void nextBytes(byte[] bytes) {
                System.arraycopy(Arrays.copyOfRange(stored, 6, 18), 0, bytes, 0, bytes.length);
            }
        };
        EncryptionKeys keys = EncryptionKeys.of("k-é", Map.of("k-é", key(32, 0)));
        assertThat(EncryptedCodec.of(ResultCodec.text(), keys, fixed).encode("receipt-é", HERE))
                .isEqualTo(stored);
    }

    @ParameterizedTest
    @ValueSource(ints = {16, 24, 32})
    void whatIsStoredIsAesGcmOfTheInnerBytesUnderThePlaceAndTheIds(int keyBytes) throws Exception {
        SecretKey key = key(keyBytes, 7);
        byte[] stored = codec("k1", Map.of("k1", key)).encode(SECRET, HERE);
        assertThat(stored).startsWith(1, 2, 'k', '1').hasSize(2 + 2 + 12 + SECRET.length() + 16);
        assertThat(new String(stored, StandardCharsets.ISO_8859_1)).doesNotContain(SECRET.substring(0, 4));
        Cipher byHand = Cipher.getInstance("AES/GCM/NoPadding");
        byHand.init(Cipher.DECRYPT_MODE, key, new GCMParameterSpec(128, Arrays.copyOfRange(stored, 4, 16)));
        ByteArrayOutputStream additional = new ByteArrayOutputStream();
        DataOutputStream out = new DataOutputStream(additional);
        out.writeByte(1);
        for (String text : List.of("tenant", "charge-card", "order-981", "result", CODEC, "k1")) {
            out.writeInt(text.length());
            out.writeBytes(text);
        }
        byHand.updateAAD(additional.toByteArray());
        assertThat(new String(byHand.doFinal(stored, 16, stored.length - 16), StandardCharsets.UTF_8))
                .isEqualTo(SECRET);
    }

    @Test
    void emptyAndLargeResultsAreDecryptedAndNoNonceIsUsedTwice() throws Exception {
        assertThat(decode(codec, codec.encode("", HERE))).isEmpty();
        String large = "x".repeat(1 << 20);
        assertThat(decode(codec, codec.encode(large, HERE))).isEqualTo(large);
        Set<String> nonces = new HashSet<>();
        for (int i = 0; i < 10_000; i++) {
            nonces.add(HexFormat.of().formatHex(codec.encode("same", HERE), 4, 16));
        }
        assertThat(nonces).hasSize(10_000);
    }

    @Test
    void manyThreadsShareOneCodec() throws Exception {
        try (Gates gates = new Gates()) {
            List<Boolean> right = gates.together(16, () -> {
                for (int i = 0; i < 500; i++) {
                    String value = Thread.currentThread().getName() + i;
                    ResultContext place = ResultContext.ofResult(RecordId.of("t", "a", value));
                    if (!codec.decode(codec.encode(value, place), CODEC, place).equals(value)) {
                        return false;
                    }
                }
                return true;
            });
            assertThat(right).hasSize(16).doesNotContain(false);
        }
    }

    // Refusals

    @Test
    void everyFlippedBitIsDetected() throws Exception {
        byte[] stored = codec.encode(SECRET, HERE);
        for (int bit = 0; bit < stored.length * Byte.SIZE; bit++) {
            byte[] changed = stored.clone();
            changed[bit / 8] ^= (byte) (1 << bit % 8);
            String why = bit < 8
                    ? "format version"
                    : bit < 16 ? "" : bit < 32 ? "key" : "not encrypted with the key \"k1\" for this record and part";
            assertRefused(codec, changed, HERE, why);
        }
        assertThat(decode(codec, stored)).isEqualTo(SECRET);
    }

    @Test
    void everyOtherLengthIsDetected() throws Exception {
        byte[] stored = codec.encode(SECRET, HERE);
        int least = 2 + 2 + 12 + 16;
        for (int length = 0; length < stored.length; length++) {
            assertRefused(codec, Arrays.copyOf(stored, length), HERE, length < least ? "truncated" : "were altered");
        }
        assertRefused(codec, Arrays.copyOf(stored, stored.length + 1), HERE, "were altered");
    }

    @Test
    void bytesOfAnotherRecordAreDetected() throws Exception {
        byte[] stored = codec.encode(SECRET, HERE);
        List<ResultContext> elsewhere = List.of(
                new ResultContext("tenan", "tcharge-card", "order-981", "result"),
                new ResultContext("other", "charge-card", "order-981", "result"),
                new ResultContext("tenant", "refund-card", "order-981", "result"),
                new ResultContext("tenant", "charge-card", "order-982", "result"),
                new ResultContext("tenant", "charge-card", "order-981result", "r"),
                ResultContext.ofStep(ID, "result"));
        for (ResultContext place : elsewhere) {
            assertRefused(codec, stored, place, "moved from another record");
        }
    }

    @Test
    void errorsTellAnotherKeyAMissingKeyAndAnUnknownFormatApart() throws Exception {
        byte[] stored = codec.encode(SECRET, HERE);
        assertRefused(codec("k1", Map.of("k1", key(32, 9))), stored, HERE, "the id used to name another key");
        assertRefused(
                codec("k2", Map.of("k2", key(32, 0))), stored, HERE, "the key service has no key under the id \"k1\"");
        byte[] newer = stored.clone();
        newer[0] = 2;
        assertRefused(codec, newer, HERE, "format version 2; this library reads version 1");
        byte[] forged = stored.clone();
        forged[2] = '\n';
        assertRefused(codec, forged, HERE, "contain an invalid key id");
        byte[] malformed = stored.clone();
        malformed[2] = (byte) 0xC3;
        assertRefused(codec, malformed, HERE, "contain an invalid key id");
        byte[] nameless = stored.clone();
        nameless[1] = 0;
        assertRefused(codec, nameless, HERE, "contain an invalid key id");
    }

    @Test
    void theCodecIdIsTiedToTheBytesToo() throws Exception {
        ResultCodec<String> other = new Spelled("text/2");
        byte[] stored = EncryptedCodec.of(other, EncryptionKeys.of("k1", Map.of("k1", key(32, 0))))
                .encode(SECRET, HERE);
        assertRefused(codec, stored, HERE, "were altered");
        assertThatThrownBy(() -> codec.decode(stored, "aes-gcm/1+text/2", HERE))
                .hasMessageContaining("stored by codec aes-gcm/1+text/2, this one reads aes-gcm/1+text/1");
    }

    // Records and codec ids

    @Test
    void withoutAPlaceNothingIsEncryptedOrDecrypted() {
        assertThatThrownBy(() -> codec.encode(SECRET)).isInstanceOf(UnsupportedOperationException.class);
        assertThatThrownBy(() -> codec.decode(new byte[40])).isInstanceOf(UnsupportedOperationException.class);
        assertThatThrownBy(() -> new ResultContext("t", "a", "\uD83D", "result"))
                .isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> ResultContext.ofStep(ID, "")).hasMessageContaining("step name is empty");
    }

    @Test
    void itReadsItsOwnIdAndPlainOnesOnlyWhenAsked() {
        assertThat(codec.id()).isEqualTo(CODEC);
        assertThat(codec.reads(CODEC)).isTrue();
        assertThat(codec.reads("text/1")).isFalse();
        assertThat(codec.reads("aes-gcm/1+json/1")).isFalse();
        assertThat(codec.readingPlain().reads("text/1")).isTrue();
        assertThat(codec.readingPlain().reads(CODEC)).isTrue();
        assertThat(codec.readingPlain().reads("json/1")).isFalse();
    }

    @Test
    void anInnerCodecThatReadsOlderVersionsReadsThemEncryptedToo() throws Exception {
        EncryptionKeys keys = EncryptionKeys.of("k1", Map.of("k1", key(32, 0)));
        byte[] old = codec.encode("old", HERE);
        EncryptedCodec<String> newer = EncryptedCodec.of(
                new Spelled("text/2") {
                    @Override
                    public boolean reads(String codecId) {
                        return codecId.startsWith("text/");
                    }

                    @Override
                    public String decode(byte[] bytes, String codecId, ResultContext context) throws Exception {
                        return codecId + ":" + decode(bytes);
                    }
                },
                keys);
        assertThat(newer.reads(CODEC)).isTrue();
        assertThat(newer.decode(old, CODEC, HERE)).isEqualTo("text/1:old");
        assertThat(newer.decode(newer.encode("new", HERE), "aes-gcm/1+text/2", HERE))
                .isEqualTo("text/2:new");
    }

    /** Text under another id. */
    static class Spelled implements ResultCodec<String> {
        private final String id;

        Spelled(String id) {
            this.id = id;
        }

        @Override
        public String id() {
            return id;
        }

        @Override
        public byte[] encode(String result) throws Exception {
            return ResultCodec.text().encode(result);
        }

        @Override
        public String decode(byte[] bytes) throws Exception {
            return ResultCodec.text().decode(bytes);
        }
    }
}
