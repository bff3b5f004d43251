package io.toolgate.bench.contender;

/** Sets a {@link Contender} up. One object for the life of the process, without state. */
public interface ContenderFactory {
    /** What it is called on the command line and in reports. */
    String name();

    /** Its settings, and the glue it needed to run once, store, wait and replay: a sentence or two for the report. */
    String how();

    /** Whether it can run on such a database. */
    boolean supports(DatabaseKind kind);

    /**
     * Makes the tables in an empty schema, or an empty file; called once for each, by one process, before anybody opens.
     */
    void install(BenchDatabase database) throws Exception;

    /**
     * Opens a contender on tables that {@link #install} made, with its connections open already; several processes may do so.
     *
     * @param concurrency how many threads are going to call it at a time
     */
    Contender open(BenchDatabase database, int concurrency) throws Exception;
}
