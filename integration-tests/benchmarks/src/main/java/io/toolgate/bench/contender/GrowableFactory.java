package io.toolgate.bench.contender;

/** A contender whose table can be filled without calling it. */
public interface GrowableFactory extends ContenderFactory {
    /** Adds {@code rows} rows as a finished run leaves them, with random keys, in one statement. */
    void fill(BenchDatabase database, long rows) throws Exception;
}
