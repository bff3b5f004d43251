package io.toolgate.race.history;

/**
 * A line of a worker's history and where it stands.
 *
 * @param process that wrote it, as in {@link HistoryFile}
 * @param life of that process
 * @param number of the line in its file, from 1
 */
public record Line(int process, int life, int number, Event event) {}
