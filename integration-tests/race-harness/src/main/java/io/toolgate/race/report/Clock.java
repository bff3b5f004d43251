package io.toolgate.race.report;

import io.toolgate.race.report.KeyTimeline.Moment;

/**
 * Formats times in full, for tooltips.
 *
 * @param from the monotonic time at which the timeline begins
 */
record Clock(long from) {
    String at(Moment moment) {
        return "at " + Texts.millis(moment.nanos() - from) + "; monotonic " + moment.nanos() + " ns; database "
                + Texts.database(moment.db());
    }
}
