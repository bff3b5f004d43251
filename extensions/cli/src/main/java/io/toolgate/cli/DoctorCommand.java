package io.toolgate.cli;

import io.toolgate.cli.Check.Severity;
import io.toolgate.migrations.ToolGateMigrations;
import java.io.PrintWriter;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** The {@code doctor} command. */
@Command(
        name = "doctor",
        description =
                "Checks what must hold in a store, each as a query that counts what breaks it. Reads the whole tables.",
        footer = {
            "",
            "Exit status: 0 every count is 0, warnings apart; 1 a fault was found; 2 wrong usage.",
            "One of what each check found is named by its record id: 'toolgate explain --id ID' tells its story."
        },
        sortOptions = false)
final class DoctorCommand extends StoreCommand {
    @Option(
            names = "--journal-since",
            paramLabel = "TIME",
            description = "Judges the journal from then on, when it was switched on the last time: 24h, or"
                    + " 2026-01-31T12:00:00Z.")
    private @Nullable String journalSince;

    DoctorCommand(Environment environment) {
        super(environment);
    }

    /** What a check found, and one of it if it can be named. */
    private record Finding(
            Check check, long found, @Nullable String example) {
        String verdict() {
            return found == 0 ? "ok" : check.severity().name().toLowerCase(Locale.ROOT);
        }
    }

    @Override
    public Integer call() {
        Reader reader = reader();
        Set<String> missing = ValidateCommand.missingTables(reader);
        if (!missing.isEmpty()) {
            throw new IllegalStateException("nothing was checked, because of tables that are missing: "
                    + String.join(", ", missing) + ". 'toolgate validate' says what to do");
        }
        Instant since = reader.look(
                view -> journalSince == null ? Instant.EPOCH : Times.time(journalSince, "--journal-since", view.now()));
        boolean journal = ToolGateMigrations.journalIsOn(access().connections());
        List<Finding> findings = new ArrayList<>();
        try (Progress progress = Progress.of(environment(), "checking")) {
            for (Check check : Check.all(reader.database())) {
                if (!check.isOfJournal() || journal) {
                    progress.doing("checking " + check.name());
                    findings.add(look(reader, check, since));
                }
            }
        }
        boolean healthy = findings.stream()
                .noneMatch(finding -> finding.found() > 0 && finding.check().severity() == Severity.FAULT);
        Map<String, Object> object = new LinkedHashMap<>();
        object.put("healthy", healthy);
        object.put("journal", journal ? "on" : "off");
        object.put("checks", findings.stream().map(DoctorCommand::object).toList());
        print(object, out -> table(findings, journal, healthy, out));
        return healthy ? ToolGateMain.DONE : ToolGateMain.FAILED;
    }

    /** Each check has a snapshot of its own, so that none is held for long on a large store. */
    private static Finding look(Reader reader, Check check, Instant since) {
        Map<String, Object> parameters = check.isOfJournal() ? Map.of("since", since.toEpochMilli()) : Map.of();
        Row row = reader.look(view -> view.row(check.statement(), parameters));
        return new Finding(check, row.number("found"), row.textOrNull("example"));
    }

    private static Map<String, @Nullable Object> object(Finding finding) {
        Map<String, @Nullable Object> object = new LinkedHashMap<>();
        object.put("name", finding.check().name());
        object.put("severity", finding.check().severity().name().toLowerCase(Locale.ROOT));
        object.put("found", finding.found());
        object.put("example", finding.example());
        object.put("meaning", finding.check().meaning());
        return object;
    }

    private static void table(List<Finding> findings, boolean journal, boolean healthy, PrintWriter out) {
        Table table = Table.of("check", ">found", "verdict", "what it counts", "one of them");
        for (Finding finding : findings) {
            table.row(
                    finding.check().name(),
                    Texts.number(finding.found()),
                    finding.verdict(),
                    finding.check().meaning(),
                    finding.example() == null ? "" : finding.example());
        }
        table.print(out);
        out.println();
        if (!journal) {
            out.println("The journal is off, so it was not checked.");
        }
        out.println(healthy ? "Everything that must hold, holds." : "Something is wrong: see the faults above.");
    }
}
