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

/** Reader of histories and of the harness's log. */
public final class Histories {
    private Histories() {}

    /**
     * Passes the events of {@code file} to {@code reader}, in order.
     *
     * @throws IOException if the file cannot be read or has an invalid line; an incomplete last line of a killed
     *     process is skipped
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
                    throw new IOException(file.path() + ", line " + number + " is not an event: " + line, e);
                }
                reader.accept(new Line(file.process(), file.life(), number, event));
                line = next;
            }
        }
    }

    /** Reads the harness's own log. */
    public static List<Deed> deeds(Path file) throws IOException {
        List<Deed> deeds = new ArrayList<>();
        Json.readLines(file, Deed.class, deeds::add);
        return deeds;
    }
}
