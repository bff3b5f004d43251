package io.toolgate.bench.database;

import java.nio.charset.StandardCharsets;
import java.util.HashSet;
import java.util.Set;

/** Classifies the messages of one PostgreSQL client. For one thread. */
final class FrontendMessages {
    /** The kind of a message. */
    enum Kind {
        /** The execution of a statement, within a round trip that ends later. */
        STATEMENT,
        /** Both in one. */
        STATEMENT_AND_ROUND_TRIP,
        /** The answers to what was sent before. */
        ROUND_TRIP,
        /** Nothing that counts. */
        OTHER
    }

    // Statements without a text, by name, with which a pool asks whether a connection lives.
    private final Set<String> empty = new HashSet<>();
    private boolean validating;

    Kind kind(byte type, byte[] body) {
        switch (type) {
            case 'Q' -> {
                return text(body, 0).isEmpty() ? Kind.OTHER : Kind.STATEMENT_AND_ROUND_TRIP;
            }
            case 'P' -> {
                String name = text(body, 0);
                validating = text(body, 1).isEmpty();
                boolean unused = validating ? empty.add(name) : empty.remove(name);
            }
            case 'B' -> validating = empty.contains(text(body, 1));
            case 'E' -> {
                return validating ? Kind.OTHER : Kind.STATEMENT;
            }
            case 'S' -> {
                boolean own = validating;
                validating = false;
                return own ? Kind.OTHER : Kind.ROUND_TRIP;
            }
            default -> {}
        }
        return Kind.OTHER;
    }

    /** The text number {@code index} of those that {@code body} begins with, each ended by a zero. */
    private static String text(byte[] body, int index) {
        int from = 0;
        for (int i = 0; i < index; i++) {
            from = end(body, from) + 1;
        }
        return from > body.length ? "" : new String(body, from, end(body, from) - from, StandardCharsets.UTF_8);
    }

    private static int end(byte[] body, int from) {
        int end = from;
        while (end < body.length && body[end] != 0) {
            end++;
        }
        return Math.min(end, body.length);
    }
}
