package io.toolgate.race.checker;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Something that must not have been seen.
 *
 * @param kind of what it is
 * @param rule of {@code core/SPEC.md} that it breaks; 0 if it is about the run itself
 * @param key that it was seen at, or null if it is not about one key
 * @param seen what was, with numbers
 * @param lines of the histories and the ledger that show it, each with the process that wrote it
 */
public record Violation(Kind kind, int rule, @Nullable String key, String seen, List<String> lines) {
    /** What must not be seen, the worst first. */
    public enum Kind {
        /** A key has more charges than its recovery allows. */
        CHARGED_TWICE("charged more often than the recovery allows");
        private final String words;

        Kind(String words) {
            this.words = words;
        }

        /** It, for people. */
        public String words() {
            return words;
        }
    }
}
