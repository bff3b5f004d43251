package io.toolgate.store.jdbc.internal.wakeup;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Base64;
import java.util.Collection;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import java.util.UUID;

/**
 * Payload of a notification on PostgreSQL. As text: a version, a letter for the kind, the sender in hexadecimal, and
 * the ids, which are hashes of keys, in base 64.
 *
 * @param sender a random number, by which a store recognises its own notifications
 * @param ids at most {@value #MOST_IDS}
 */
public record NotifyPayload(Kind kind, long sender, List<UUID> ids) {
    /** As many as fit into the 7999 bytes that PostgreSQL allows. */
    static final int MOST_IDS = 374;

    private static final char VERSION = '1';
    private static final int HEADER = 2 + 2 * Long.BYTES;
    private static final HexFormat HEX = HexFormat.of();

    /** What a notification says. */
    enum Kind {
        /** These records have waiters at the sender. */
        WAITS('w'),
        /** The sender has changed these records. */
        MOVED('m');

        private final char letter;

        Kind(char letter) {
            this.letter = letter;
        }
    }

    /** Returns the payloads for {@code ids}, as many as are needed. */
    static List<String> texts(Kind kind, long sender, Collection<UUID> ids) {
        List<UUID> all = List.copyOf(ids);
        List<String> texts = new ArrayList<>();
        for (int from = 0; from < all.size(); from += MOST_IDS) {
            texts.add(new NotifyPayload(kind, sender, all.subList(from, Math.min(all.size(), from + MOST_IDS))).text());
        }
        return texts;
    }

    private String text() {
        ByteBuffer bytes = ByteBuffer.allocate(ids.size() * 2 * Long.BYTES);
        ids.forEach(id -> bytes.putLong(id.getMostSignificantBits()).putLong(id.getLeastSignificantBits()));
        return "" + VERSION + kind.letter + HEX.toHexDigits(sender)
                + Base64.getUrlEncoder().withoutPadding().encodeToString(bytes.array());
    }

    /** Parses a payload; empty if it has another format or version: any session may notify on a channel. */
    static Optional<NotifyPayload> read(String text) {
        if (text.length() <= HEADER || text.charAt(0) != VERSION) {
            return Optional.empty();
        }
        for (Kind kind : Kind.values()) {
            if (kind.letter == text.charAt(1)) {
                return read(kind, text);
            }
        }
        return Optional.empty();
    }

    private static Optional<NotifyPayload> read(Kind kind, String text) {
        ByteBuffer bytes;
        long sender;
        try {
            sender = HexFormat.fromHexDigitsToLong(text, 2, HEADER);
            bytes = ByteBuffer.wrap(Base64.getUrlDecoder().decode(text.substring(HEADER)));
        } catch (IllegalArgumentException e) {
            // Neither hexadecimal nor base 64, so not a payload of ours.
            return Optional.empty();
        }
        if (bytes.remaining() % (2 * Long.BYTES) != 0) {
            return Optional.empty();
        }
        List<UUID> ids = new ArrayList<>();
        while (bytes.hasRemaining()) {
            ids.add(new UUID(bytes.getLong(), bytes.getLong()));
        }
        return Optional.of(new NotifyPayload(kind, sender, List.copyOf(ids)));
    }
}
