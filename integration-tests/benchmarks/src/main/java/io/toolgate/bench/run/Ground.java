package io.toolgate.bench.run;

import io.toolgate.bench.contender.BenchDatabase;
import io.toolgate.bench.contender.ContenderFactory;
import io.toolgate.bench.database.Places;
import io.toolgate.support.process.Dialogue;
import io.toolgate.support.process.JavaCommand;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * The environment of measurements.
 *
 * @param places databases for contenders
 * @param directory for files of child processes
 * @param main the class that starts children of this program
 */
public record Ground(Places places, Path directory, Class<?> main) {
    /** Work on a contender's database. */
    @FunctionalInterface
    interface Work<T> {
        T in(BenchDatabase place) throws Exception;
    }

    /** Starts a child process of this program that plays {@code role}; close it. */
    Dialogue start(String role) throws IOException {
        return Dialogue.start(
                role, JavaCommand.measured(directory, main, role), Files.createTempFile(directory, role, ".log"));
    }

    /** Does work on a new database with the contender's tables, after settling earlier writes; removes the database. */
    <T> T fresh(ContenderFactory contender, Work<T> work) throws Exception {
        places.settle();
        BenchDatabase place = places.create(contender.name());
        try {
            contender.install(place);
            return work.in(place);
        } finally {
            places.drop(place);
        }
    }
}
