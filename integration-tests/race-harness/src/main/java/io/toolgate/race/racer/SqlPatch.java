package io.toolgate.race.racer;

/**
 * Change to one of the store's SQL statements, by which a deliberately broken runtime differs from the real one.
 *
 * @param statement the name of its file in {@code store-jdbc}'s SQLite dialect, without {@code .sql}
 * @param from the text to replace, which must occur
 * @param to the replacement
 */
public record SqlPatch(String statement, String from, String to) {}
