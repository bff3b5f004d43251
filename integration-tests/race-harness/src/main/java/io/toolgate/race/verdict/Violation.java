package io.toolgate.race.verdict;

import org.jspecify.annotations.Nullable;

/**
 * Something that must not have been seen.
 *
 * @param kind of what it is
 * @param key that it was seen at, or null if it is not about one key
 * @param seen what was, with numbers
 */
public record Violation(Kind kind, @Nullable String key, String seen) {

    /** What must not be seen, the worst first. */
    public enum Kind {
        /** A key has a second charge. */
        CHARGED_TWICE("charged more than once"),
        /** Callers of one key were given different results. */
        DIFFERENT_BYTES("different bytes for its callers"),
        /** A key has no charge. */
        NEVER_CHARGED("never charged"),
        /** The ledger has somebody whom no key charges. */
        STRAY_CHARGE("charged without being asked to"),
        /** What callers were given is not the receipt of the charge in the ledger. */
        FALSE_RECEIPT("another result than the receipt of its charge"),
        /** The provider was not shown the key that belongs to the record. */
        WRONG_PROVIDER_KEY("shown to the provider under another key"),
        /** A call got something else than the result. */
        NOT_ANSWERED("callers without the result"),
        /** Not exactly one call of a key ran the action. */
        NOT_EXECUTED_ONCE("not run by exactly one call"),
        /** The database does not hold the result that callers were given. */
        NOT_RECORDED("not in the database as its callers were told"),
        /** Calls were not made, or not written down. */
        CALLS_MISSING("calls are missing"),
        /** A process did not end well. */
        PROCESS_FAILED("a process failed");

        private final String words;

        Kind(String words) {
            this.words = words;
        }

        /** It, for people. */
        public String words() {
            return words;
        }
    }

    /** One line for people. */
    public String describe() {
        return (key == null ? "" : key + ": ") + kind.words + ": " + seen;
    }
}
