package io.toolgate.race.history;

import java.nio.file.Path;

/**
 * File with the {@link Event}s of one process.
 *
 * @param process the number of the process in the run, from 1; 0 for the one that swept at the end
 * @param life the number of its start, from 1; a killed process is replaced by the next life
 * @param path the file, {@code history-PROCESS-LIFE.jsonl}
 * @param killed whether the process was killed, so that the last line may be incomplete
 */
public record HistoryFile(int process, int life, Path path, boolean killed) {}
