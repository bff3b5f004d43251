package io.toolgate.bench.contender;

/** The databases that benchmarks run on. */
public enum DatabaseKind {
    /** A server, each contender in a schema of its own. */
    POSTGRESQL("postgresql"),
    /** A file for each contender, with WAL and {@code synchronous=FULL}. */
    SQLITE("sqlite");

    private final String label;

    DatabaseKind(String label) {
        this.label = label;
    }

    /** Its name in reports. */
    public String label() {
        return label;
    }
}
