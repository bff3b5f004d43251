package io.toolgate.race.racer;

/**
 * A change to one of the store's SQL statements, by which a deliberately broken runtime differs from the real one.
 *
 * @param statement the name of its file in {@code store-jdbc}'s SQLite dialect, without {@code .sql}
 * @param from what to replace, which must be there
 * @param to what to replace it with
 */
public record SqlPatch(String statement, String from, String to) {}
