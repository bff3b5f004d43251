package io.toolgate.race.history;

import java.nio.file.Path;

/**
 * The file in which one process wrote its {@link Event}s.
 *
 * @param process the place of the process in the run, from 1; 0 for the one that swept at the end
 * @param life which of those who had that place, from 1
 * @param path of the file, {@code history-PROCESS-LIFE.jsonl}
 * @param killed whether the process was killed, so that its last line may be cut
 */
public record HistoryFile(int process, int life, Path path, boolean killed) {}
