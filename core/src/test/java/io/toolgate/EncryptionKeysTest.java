package io.toolgate;

import static io.toolgate.EncryptedCodecTest.CODEC;
import static io.toolgate.EncryptedCodecTest.HERE;
import static io.toolgate.EncryptedCodecTest.SECRET;
import static io.toolgate.EncryptedCodecTest.assertRefused;
import static io.toolgate.EncryptedCodecTest.codec;
import static io.toolgate.EncryptedCodecTest.decode;
import static io.toolgate.EncryptedCodecTest.key;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowable;

import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import javax.crypto.SecretKey;
import javax.crypto.spec.SecretKeySpec;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Test;

/** Encryption keys: rotation, keys that are missing or fail, and the errors that report it. */
class EncryptionKeysTest {
    private final EncryptedCodec<String> codec = codec("k1", Map.of("k1", key(32, 0)));

    // Keys

    @Test
    void afterARotationOlderResultsAreReadAsLongAsTheirKeyIsThere() throws Exception {
        byte[] old = codec.encode("old", HERE);
        EncryptedCodec<String> rotated = codec("k2", Map.of("k1", key(32, 0), "k2", key(16, 5)));
        byte[] fresh = rotated.encode("fresh", HERE);
        assertThat(fresh).startsWith(1, 2, 'k', '2');
        assertThat(decode(rotated, old)).isEqualTo("old");
        assertThat(decode(rotated, fresh)).isEqualTo("fresh");
        assertRefused(codec, fresh, HERE, "the key service has no key under the id \"k2\"");
        assertRefused(
                codec("k2", Map.of("k2", key(16, 5))), old, HERE, "the key service has no key under the id \"k1\"");
    }

    @Test
    void invalidKeysAreRefusedWhenTheyAreConfigured() {
        assertThatThrownBy(() -> EncryptionKeys.of("k2", Map.of("k1", key(32, 0))))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("no key under the current id \"k2\"; the given keys have the ids [k1]");
        for (String id :
                Arrays.asList(null, "", "a\nb", "a\u0000", "\u202E", "k".repeat(65), "é".repeat(33), "\uD83D")) {
            assertThatThrownBy(() -> EncryptionKeys.of(id, Collections.singletonMap(id, key(32, 0))))
                    .as("%s", id)
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContaining("key id");
        }
        assertThatThrownBy(() -> EncryptionKeys.of("k", Map.of("k", key(20, 0))))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("160 bits");
        assertThatThrownBy(() -> EncryptionKeys.of("k", Map.of("k", new SecretKeySpec(new byte[16], "DES"))))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("a key for DES; pass an AES key");
        Map<String, SecretKey> missing = new HashMap<>();
        missing.put("k", null);
        assertThatThrownBy(() -> EncryptionKeys.of("k", missing))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("is null");
        assertThatThrownBy(() -> EncryptionKeys.of("k", null)).isInstanceOf(NullPointerException.class);
        assertThatThrownBy(() -> EncryptedCodec.of(ResultCodec.text(), null)).isInstanceOf(NullPointerException.class);
        assertThatThrownBy(() -> EncryptedCodec.of(
                        new EncryptedCodecTest.Spelled("x".repeat(246)),
                        EncryptionKeys.of("k", Map.of("k", key(16, 0)))))
                .isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void laterChangesOfTheMapChangeNothing() throws Exception {
        Map<String, SecretKey> keys = new HashMap<>(Map.of("k1", key(32, 0)));
        EncryptedCodec<String> fixed = codec("k1", keys);
        keys.clear();
        assertThat(decode(fixed, fixed.encode(SECRET, HERE))).isEqualTo(SECRET);
    }

    // Messages

    /** Every kind of failure, printed with its causes and suppressed exceptions as a log would. */
    @Test
    void noExceptionQuotesAKeyOrAResult() throws Exception {
        EncryptionKeys down = new EncryptionKeys() {
            @Override
            public String currentId() {
                return "k1";
            }

            @Override
            public SecretKey key(String id) throws IOException {
                throw new IOException("https://keys?secret=" + SECRET, new IOException(SECRET));
            }
        };
        EncryptionKeys idless = new EncryptionKeys() {
            @Override
            public String currentId() {
                throw new IllegalStateException(SECRET);
            }

            @Override
            public SecretKey key(String id) {
                return EncryptedCodecTest.key(16, 0);
            }
        };
        ResultCodec<String> chatty = new EncryptedCodecTest.Spelled("text/1") {
            @Override
            public byte[] encode(String result) {
                throw new AssertionError("cannot encode " + result);
            }

            @Override
            public String decode(byte[] bytes) {
                throw new IllegalArgumentException("cannot decode " + new String(bytes, StandardCharsets.UTF_8));
            }
        };
        EncryptionKeys keys = EncryptionKeys.of("k1", Map.of("k1", key(32, 0)));
        byte[] stored = codec.encode(SECRET, HERE);
        List<String> printed = new ArrayList<>();
        printed.add(thrown(
                "the key \"k1\" (java.io.IOException)",
                () -> EncryptedCodec.of(ResultCodec.text(), down).encode(SECRET, HERE)));
        printed.add(thrown(
                "the key \"k1\" (java.io.IOException)",
                () -> decode(EncryptedCodec.of(ResultCodec.text(), down), stored)));
        printed.add(thrown(
                "current key id (java.lang.Ill",
                () -> EncryptedCodec.of(ResultCodec.text(), idless).encode(SECRET, HERE)));
        printed.add(thrown(
                "inner codec text/1 did not encode",
                () -> EncryptedCodec.of(chatty, keys).encode(SECRET, HERE)));
        printed.add(thrown("inner codec text/1 did not decode", () -> decode(EncryptedCodec.of(chatty, keys), stored)));
        assertThat(printed).allSatisfy(text -> assertThat(text).doesNotContain(SECRET));
        assertThat(printed).allSatisfy(text -> assertThat(text).contains("EncryptionKeysTest$"));
        assertThat(keys.toString()).isEqualTo("EncryptionKeys[current k1 of [k1]]");
        assertThat(codec.toString()).isEqualTo("EncryptedCodec[" + CODEC + "]");
        assertThat(HERE.toString()).startsWith("result of ").contains("tenant").doesNotContain("order-981");
    }

    private static String thrown(String saying, ThrowingCallable call) {
        Throwable thrown = catchThrowable(call);
        assertThat(thrown).isInstanceOf(GeneralSecurityException.class).hasMessageContaining(saying);
        StringWriter text = new StringWriter();
        thrown.printStackTrace(new PrintWriter(text));
        return text.toString();
    }

    @Test
    void anUnexpectedFailureOfTheKeyServiceIsReportedToo() {
        for (SecretKey bad : Arrays.asList(null, key(20, 0), new SecretKeySpec(new byte[16], "DES"))) {
            EncryptionKeys keys = new EncryptionKeys() {
                @Override
                public String currentId() {
                    return "k1";
                }

                @Override
                public SecretKey key(String id) {
                    return bad;
                }
            };
            assertThatThrownBy(() -> EncryptedCodec.of(ResultCodec.text(), keys).encode(SECRET, HERE))
                    .isInstanceOf(GeneralSecurityException.class)
                    .hasMessageContaining(
                            bad == null ? "the key service has no key under the id" : "cannot be used with AES-GCM");
        }
    }

    @Test
    void aKeyServiceThatIsInterruptedLeavesTheFlagSet() {
        EncryptionKeys keys = new EncryptionKeys() {
            @Override
            public String currentId() throws InterruptedException {
                throw new InterruptedException();
            }

            @Override
            public SecretKey key(String id) {
                return EncryptedCodecTest.key(16, 0);
            }
        };
        assertThatThrownBy(() -> EncryptedCodec.of(ResultCodec.text(), keys).encode(SECRET, HERE))
                .hasMessageContaining("InterruptedException");
        assertThat(Thread.interrupted()).isTrue();
    }
}
