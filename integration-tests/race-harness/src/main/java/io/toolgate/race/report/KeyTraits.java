package io.toolgate.race.report;

/** The counts by which keys are chosen for a picture; nothing else is kept of a key that is not chosen. */
final class KeyTraits {
    int calls;
    int replays;
    int charges;
    int takeovers;
    int kills;
    int freezes;
    int doubts;

    /** Whether no fault touched the key. */
    boolean isCalm() {
        return takeovers + kills + freezes + doubts == 0 && charges <= 1;
    }

    /** The reasons to choose the key, in words. */
    String words() {
        StringBuilder words = new StringBuilder();
        say(words, charges > 1 ? "charged " + charges + " times" : "");
        say(words, takeovers > 0 ? "taken over " + times(takeovers) : "");
        say(words, kills > 0 ? "owner killed " + times(kills) : "");
        say(words, freezes > 0 ? "owner frozen " + times(freezes) : "");
        say(words, doubts > 0 ? "in doubt" : "");
        return words.length() > 0 ? words.toString() : "calm, " + Texts.count(replays, "replay");
    }

    private static String times(int count) {
        return count == 1 ? "once" : count + " times";
    }

    private static void say(StringBuilder words, String what) {
        if (!what.isEmpty()) {
            words.append(words.length() > 0 ? ", " : "").append(what);
        }
    }
}
