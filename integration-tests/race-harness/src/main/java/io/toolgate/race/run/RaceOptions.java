package io.toolgate.race.run;

import com.google.errorprone.annotations.CanIgnoreReturnValue;
import io.toolgate.race.RaceMain;
import io.toolgate.race.result.RaceResult;
import io.toolgate.race.settings.RaceSettings;
import io.toolgate.support.HelpOption;
import io.toolgate.support.Json;
import io.toolgate.support.Messages;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.Writer;
import java.util.Optional;
import java.util.function.BiConsumer;
import java.util.function.Function;
import picocli.CommandLine.Help.Visibility;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** The options of every command that runs one race, and the way it prints the result; commands mix them in. */
public final class RaceOptions {
    private static final int STOPPED = 130;

    @Spec(Spec.Target.MIXEE)
    @SuppressWarnings("NullAway.Init") // picocli sets it
    private CommandSpec command;

    @Option(
            names = "--keep",
            description = "Leaves the run's rows and files behind.",
            showDefaultValue = Visibility.NEVER)
    private boolean keep;

    @Option(names = "--json", description = "Prints one JSON object.", showDefaultValue = Visibility.NEVER)
    private boolean json;

    @Mixin
    @SuppressWarnings({"NullAway.Init", "UnusedVariable"}) // picocli sets it, and reads it
    private HelpOption help;

    /** Made by the command line. */
    public RaceOptions() {}

    /** The result of a run that failed. */
    private record Failed(String verdict, String error) {}

    /** Adds the options to {@code settings}. */
    @CanIgnoreReturnValue
    public RaceSettings.Builder addTo(RaceSettings.Builder settings) {
        return settings.keep(keep);
    }

    /**
     * Runs a race, and prints its result.
     *
     * @param table prints it for people
     * @param forPrograms the record whose components are printed as JSON
     * @return the exit status
     */
    public int race(
            RaceSettings settings, BiConsumer<RaceResult, PrintWriter> table, Function<RaceResult, Object> forPrograms)
            throws IOException, InterruptedException {
        PrintWriter out = command.commandLine().getOut();
        PrintWriter err = command.commandLine().getErr();
        // A program that reads JSON may read both streams as one: only failures are reported there.
        PrintWriter progress = json ? new PrintWriter(Writer.nullWriter()) : err;
        Optional<RaceResult> result;
        try {
            result = new Race(settings, progress, err).run();
        } catch (IOException e) {
            if (json) {
                out.println(Json.pretty(new Failed("failed", Messages.oneLine(e))));
            }
            throw e;
        }
        if (result.isEmpty()) {
            return STOPPED;
        }
        if (json) {
            out.println(Json.pretty(forPrograms.apply(result.get())));
        } else {
            table.accept(result.get(), out);
        }
        return result.get().verdict().held() ? RaceMain.HELD : RaceMain.VIOLATED;
    }
}
