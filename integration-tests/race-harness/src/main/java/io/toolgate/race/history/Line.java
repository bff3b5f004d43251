package io.toolgate.race.history;

/**
 * Line of a racer's history, with its position.
 *
 * @param process the process that wrote it, as in {@link HistoryFile}
 * @param life the life of that process
 * @param number the number of the line in its file, from 1
 * @param event the event
 */
public record Line(int process, int life, int number, Event event) {}
