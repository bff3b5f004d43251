package io.toolgate.race.history;

import com.fasterxml.jackson.core.JsonProcessingException;
import io.toolgate.support.Json;
import java.io.BufferedReader;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;

/** Reads what was written down. */
public final class Histories {
    private Histories() {}

    /**
     * Hands the events of {@code file} to {@code reader}, in order.
     *
     * @throws IOException if it cannot be read, or has a line that makes no sense; the last line of a process that was killed
     *     may be cut, and is left out then
     */
    public static void read(HistoryFile file, Consumer<Line> reader) throws IOException {
        try (BufferedReader lines = Files.newBufferedReader(file.path())) {
            int number = 0;
            String line = lines.readLine();
            while (line != null) {
                number++;
                String next = lines.readLine();
                Event event;
                try {
                    event = Json.read(line, Event.class);
                } catch (JsonProcessingException e) {
                    if (file.killed() && next == null) {
                        return;
                    }
                    throw new IOException(file.path() + " has a line " + number + " that cannot be read: " + line, e);
                }
                reader.accept(new Line(file.process(), file.life(), number, event));
                line = next;
            }
        }
    }

    /** What the harness wrote down about what it did. */
    public static List<Deed> deeds(Path file) throws IOException {
        List<Deed> deeds = new ArrayList<>();
        Json.readLines(file, Deed.class, deeds::add);
        return deeds;
    }
}
