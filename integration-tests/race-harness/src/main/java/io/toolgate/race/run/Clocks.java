package io.toolgate.race.run;

import io.toolgate.race.fault.Faketime;
import io.toolgate.race.fault.Fault;
import io.toolgate.support.UsageException;
import io.toolgate.support.process.Child;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** The wall clocks of the racers, where they can be set off. The clock of a place goes on over its lives. */
final class Clocks {
    private final @Nullable Faketime faketime;
    private final Path directory;

    /** Clocks that {@code faketime} sets off, or, if that is null, the machine's own. */
    Clocks(@Nullable Faketime faketime, Path directory) {
        this.faketime = faketime;
        this.directory = directory;
    }

    /**
     * Clocks that can be set off, if the race is to do that.
     *
     * @throws UsageException if it is, and they cannot be
     */
    static Clocks of(RaceSettings settings, RaceFiles files) throws IOException, InterruptedException {
        if (!settings.faults().contains(Fault.Kind.CLOCK)) {
            return new Clocks(null, files.path());
        }
        Faketime faketime = Faketime.find(files.scratch())
                .orElseThrow(() -> new UsageException("clocks cannot be set off: " + Faketime.MISSING));
        return new Clocks(faketime, files.path());
    }

    /** What the environment of a racer must have. */
    Map<String, String> environment(int process) throws IOException {
        if (faketime == null) {
            return Map.of();
        }
        if (!Files.exists(file(process))) {
            set(process, 0);
        }
        return faketime.environment(file(process));
    }

    /** Sets the clock of the racers in the place {@code process} off by {@code offsetMillis}. */
    void set(int process, long offsetMillis) throws IOException {
        Faketime.shift(file(process), Duration.ofMillis(offsetMillis));
    }

    /** Removes what a racer that was killed left behind. */
    void tidyUpAfter(Child racer) throws IOException {
        if (faketime != null) {
            Faketime.tidyUpAfter(racer.handle().pid());
        }
    }

    private Path file(int process) {
        return directory.resolve("clock-" + process);
    }
}
