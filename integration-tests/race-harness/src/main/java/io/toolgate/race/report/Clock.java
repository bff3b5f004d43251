package io.toolgate.race.report;

import io.toolgate.race.report.KeyStory.Moment;

/**
 * Formats times in full, for tooltips.
 *
 * @param from the monotonic time at which the story begins
 */
record Clock(long from) {
    String at(Moment moment) {
        return "at " + Words.millis(moment.nanos() - from) + "; monotonic " + moment.nanos() + " ns; database "
                + Words.database(moment.db());
    }
}
