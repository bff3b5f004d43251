package io.toolgate.race.checker;

/** Abbreviation of results' digests for messages. */
final class Digest {
    private static final int SHOWN = 12;

    private Digest() {}

    /** The beginning of {@code sha256}, long enough to distinguish it from others. */
    static String brief(String sha256) {
        return sha256.length() <= SHOWN ? sha256 : sha256.substring(0, SHOWN) + "…";
    }
}
