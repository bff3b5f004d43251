package io.toolgate.race.checker;

/** Digests of results, as people see them. */
final class Digest {
    private static final int SHOWN = 12;

    private Digest() {}

    /** The beginning of {@code sha256}: it tells it from any other as well, and leaves room on the line. */
    static String brief(String sha256) {
        return sha256.length() <= SHOWN ? sha256 : sha256.substring(0, SHOWN) + "…";
    }
}
