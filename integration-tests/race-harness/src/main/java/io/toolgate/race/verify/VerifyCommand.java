package io.toolgate.race.verify;

import io.toolgate.race.RaceMain;
import io.toolgate.race.fault.Faketime;
import io.toolgate.support.HelpOption;
import io.toolgate.support.Json;
import io.toolgate.support.UsageException;
import io.toolgate.support.process.RunDirectory;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.Writer;
import java.security.SecureRandom;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Help.Visibility;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** The {@code verify} command. */
@Command(
        name = "verify",
        description = {
            "Verifies the harness itself: races deliberately broken runtimes, each of which must be caught, and the"
                    + " real",
            "one under the same conditions, which must pass. Uses a temporary SQLite file."
        },
        footer = {"", "Exit status: 0 all were caught and the real runtime held, 1 otherwise, 2 wrong usage."},
        sortOptions = false,
        showDefaultValues = true)
public final class VerifyCommand implements Callable<Integer> {
    private static final int STOPPED = 130;

    @Spec
    @SuppressWarnings("NullAway.Init") // picocli sets it
    private CommandSpec spec;

    @Option(
            names = "--mutant",
            split = ",",
            paramLabel = "NAME",
            description = "Races only these, and the real runtime under their conditions; --list shows all names.",
            showDefaultValue = Visibility.NEVER)
    private List<String> names = List.of();

    @Option(names = "--list", description = "Lists the broken runtimes and exits.", showDefaultValue = Visibility.NEVER)
    private boolean list;

    @Option(names = "--seed", description = "Repeats the orders and faults of an earlier run.")
    private @Nullable Long seed;

    @Option(names = "--json", description = "Prints one JSON object.", showDefaultValue = Visibility.NEVER)
    private boolean json;

    @Mixin
    @SuppressWarnings("UnusedVariable") // picocli reads it
    private final HelpOption help = new HelpOption();

    /** Made by the command line. */
    public VerifyCommand() {}

    @Override
    public Integer call() throws Exception {
        PrintWriter out = spec.commandLine().getOut();
        PrintWriter err = spec.commandLine().getErr();
        List<Mutant> mutants = mutants();
        if (list) {
            mutants.forEach(mutant -> out.printf("%-28s %s%n", mutant.name(), mutant.does()));
            return RaceMain.HELD;
        }
        requireFaketime(mutants);
        PrintWriter progress = json ? new PrintWriter(Writer.nullWriter()) : out;
        long drawn = seed == null ? new SecureRandom().nextInt(1_000_000_000) : seed;
        Optional<Verification> verification = new Verifier(mutants, drawn, progress, Verifier.races(err)).run();
        if (verification.isEmpty()) {
            return STOPPED;
        }
        if (json) {
            out.println(Json.pretty(verification.get()));
        }
        return verification.get().passed() ? RaceMain.HELD : RaceMain.VIOLATED;
    }

    /** Checked before the first race, not minutes later. */
    private static void requireFaketime(List<Mutant> mutants) throws IOException, InterruptedException {
        List<String> needing =
                mutants.stream().filter(Mutant::needsFaketime).map(Mutant::name).toList();
        if (needing.isEmpty()) {
            return;
        }
        RunDirectory scratch = RunDirectory.create("toolgate-race-");
        try {
            if (Faketime.find(scratch.path()).isEmpty()) {
                throw new UsageException(String.join(", ", needing) + " needs shifted clocks: install Debian's faketime"
                        + " (apt-get install faketime), or select other broken runtimes with --mutant");
            }
        } finally {
            scratch.delete();
        }
    }

    private List<Mutant> mutants() {
        if (names.isEmpty()) {
            return Mutants.ALL;
        }
        List<Mutant> chosen = new ArrayList<>();
        for (String name : names) {
            chosen.add(Mutants.ALL.stream()
                    .filter(mutant -> mutant.name().equals(name))
                    .findFirst()
                    .orElseThrow(() -> new UsageException("there is no broken runtime '" + name + "'; use one of "
                            + Mutants.ALL.stream().map(Mutant::name).collect(Collectors.joining(", ")))));
        }
        return chosen;
    }
}
