package io.toolgate.race.settings;

/**
 * The numbers of connections that a race may open to its database.
 *
 * @param each per process
 * @param inAll together, at a time
 */
public record Connections(int each, int inAll) {
    private static final int MOST_EACH = 4;

    /** Out of a PostgreSQL server's default of a hundred. */
    private static final int MOST_OF_ALL_RACERS = 80;

    /** The harness reads the rows with one, and removes them with another. */
    private static final int OF_THE_HARNESS = 2;

    /** The connections of a race with {@code settings}. */
    public static Connections of(RaceSettings settings) {
        int most = Math.min(MOST_EACH, settings.duplicates());
        int each = Math.max(1, Math.min(most, MOST_OF_ALL_RACERS / settings.processes()));
        // One process more: a server notices late that a killed process is gone. By then its successor, or the process
        // that sweeps at the end, may have connected.
        return new Connections(each, (settings.processes() + 1) * each + OF_THE_HARNESS);
    }
}
