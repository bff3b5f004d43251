package io.toolgate.bench.contender;

/** Installs and opens a {@link Contender}. Without state. */
public interface ContenderFactory {
    /** The contender's name on the command line and in reports. */
    String name();

    /** The contender's settings, and the glue to run once, store, wait and replay: a sentence or two for the report. */
    String how();

    /** Whether the contender can run on such a database: usually on both. */
    default boolean supports(DatabaseKind kind) {
        return true;
    }

    /**
     * Creates the tables in an empty schema or file; called once for each, before {@link #open}.
     */
    void install(BenchDatabase database) throws Exception;

    /**
     * Opens a contender on tables that {@link #install} made, with its connections established; several processes may
     * do so.
     *
     * @param concurrency number of threads that will call it at a time
     */
    Contender open(BenchDatabase database, int concurrency) throws Exception;
}
