package io.toolgate.race.settings;

import io.toolgate.race.RaceMain;
import io.toolgate.support.process.JavaCommand;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;

/** The command that repeats a race, as a person types it into a shell. The password is not part of it. */
public final class RepeatCommand {
    private RepeatCommand() {}

    /** The {@code run} command with these settings. */
    public static String run(RaceSettings settings) {
        return line("run", settings, settings.options());
    }

    /** The {@code demo} command with these settings and {@code more} options; a runtime is not among them. */
    public static String demo(RaceSettings settings, String... more) {
        List<String> words = new ArrayList<>(List.of(
                "--processes", Integer.toString(settings.processes()),
                "--keys", Integer.toString(settings.keys()),
                "--duplicates", Integer.toString(settings.duplicates()),
                "--action-millis", Integer.toString(settings.actionMillis()),
                "--seed", Long.toString(settings.seed())));
        words.addAll(List.of(more));
        return line("demo", settings, words);
    }

    private static String line(String command, RaceSettings settings, List<String> options) {
        List<String> words = new ArrayList<>(JavaCommand.asTyped(RaceMain.class));
        words.add(command);
        if (settings.database() != null) {
            words.addAll(List.of("--url", settings.database().url()));
            if (settings.database().user() != null) {
                words.addAll(List.of("--user", settings.database().user()));
            }
        }
        words.addAll(options);
        return words.stream().map(RepeatCommand::quoted).collect(Collectors.joining(" "));
    }

    private static String quoted(String word) {
        return word.matches("[A-Za-z0-9_./:=@%+,-]+") ? word : "'" + word.replace("'", "'\\''") + "'";
    }
}
