package io.toolgate.race.report;

import io.toolgate.race.report.KeyStory.Moment;

/**
 * Says times in full, for whoever looks closer.
 *
 * @param from what the monotonic clock said at the beginning of the story
 */
record Clock(long from) {
    String at(Moment moment) {
        return "at " + Words.millis(moment.nanos() - from) + "; monotonic " + moment.nanos() + " ns; database "
                + Words.database(moment.db());
    }
}
