package io.toolgate.race.checker;

import io.toolgate.race.history.Line;

/**
 * Position of a line in the histories.
 *
 * @param process the number of the process that wrote it
 * @param life the life of that process
 * @param number the number of the line in its file
 */
record Place(int process, int life, int number) {
    static Place of(Line line) {
        return new Place(line.process(), line.life(), line.number());
    }

    /** Whether the same life of the same process wrote {@code other}. */
    boolean sameLife(Place other) {
        return process == other.process && life == other.life;
    }

    @Override
    public String toString() {
        return "process " + process + " life " + life + " line " + number;
    }
}
