package io.toolgate.race.process;

import io.toolgate.race.fault.Faketime;
import io.toolgate.race.fault.Fault;
import io.toolgate.support.UsageException;
import io.toolgate.support.process.Child;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** The wall clocks of the racers, shifted with faketime if the race does that. All processes of a slot share one. */
public final class RacerClocks {
    private final @Nullable Faketime faketime;
    private final Path directory;

    /** Clocks shifted with {@code faketime}, or the machine's own if that is null. */
    RacerClocks(@Nullable Faketime faketime, Path directory) {
        this.faketime = faketime;
        this.directory = directory;
    }

    /**
     * The clocks of a race with these {@code faults}.
     *
     * @throws UsageException if clocks are among them, and this machine lacks faketime
     */
    public static RacerClocks of(Set<Fault.Kind> faults, Path directory, Path scratch)
            throws IOException, InterruptedException {
        if (!faults.contains(Fault.Kind.CLOCK)) {
            return new RacerClocks(null, directory);
        }
        Faketime faketime = Faketime.find(scratch)
                .orElseThrow(() -> new UsageException("clocks cannot be shifted: " + Faketime.MISSING));
        return new RacerClocks(faketime, directory);
    }

    /** The environment variables of the racer {@code process}. */
    public Map<String, String> environment(int process) throws IOException {
        if (faketime == null) {
            return Map.of();
        }
        if (!Files.exists(file(process))) {
            set(process, 0);
        }
        return faketime.environment(file(process));
    }

    /** Shifts the clock of the slot {@code process} by {@code offsetMillis}. */
    void set(int process, long offsetMillis) throws IOException {
        Faketime.shift(file(process), Duration.ofMillis(offsetMillis));
    }

    /** Removes what faketime keeps for a racer that was killed. */
    void removeFilesOf(Child racer) throws IOException {
        if (faketime != null) {
            Faketime.tidyUpAfter(racer.handle().pid());
        }
    }

    private Path file(int process) {
        return directory.resolve("clock-" + process);
    }
}
