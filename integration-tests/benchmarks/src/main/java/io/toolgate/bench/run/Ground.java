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
 * Where measurements take place.
 *
 * @param places on the database
 * @param directory for files of child processes
 * @param main the class that starts children of this program
 */
public record Ground(Places places, Path directory, Class<?> main) {
    /** What is done in a place. */
    @FunctionalInterface
    interface Work<T> {
        T in(BenchDatabase place) throws Exception;
    }

    /** Starts a child process of this program that plays {@code role}; close it. */
    Dialogue start(String role) throws IOException {
        return Dialogue.start(
                role, JavaCommand.measured(directory, main, role), Files.createTempFile(directory, role, ".log"));
    }

    /** Does work in a fresh place with the contender's tables, after what was before has been paid for; removes the place. */
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
