package io.toolgate.race.run;

/**
 * How many connections to its database a race may have.
 *
 * @param each process
 * @param inAll at a time
 */
record Connections(int each, int inAll) {
    private static final int MOST_EACH = 4;

    /** Of a PostgreSQL server's usual hundred. */
    private static final int MOST_OF_ALL_RACERS = 80;

    /** The harness reads the rows with one, and removes them with another. */
    private static final int OF_THE_HARNESS = 2;

    static Connections of(RaceSettings settings) {
        int most = Math.min(MOST_EACH, settings.duplicates());
        int each = Math.max(1, Math.min(most, MOST_OF_ALL_RACERS / settings.processes()));
        // A server notices late that a process is gone: a killed one's successor has its connections by then, or,
        // at the end, the one that sweeps.
        return new Connections(each, (settings.processes() + 1) * each + OF_THE_HARNESS);
    }
}
