package io.toolgate.cli.command;

import io.toolgate.cli.base.DatabaseOptions;
import io.toolgate.cli.base.Environment;
import io.toolgate.cli.base.OutputOptions;
import io.toolgate.cli.base.TimeOptions;
import io.toolgate.cli.health.Finding;
import io.toolgate.cli.health.HealthCheck;
import io.toolgate.cli.output.Progress;
import io.toolgate.cli.output.Table;
import io.toolgate.cli.output.Texts;
import io.toolgate.cli.query.StoreReader;
import io.toolgate.migrations.ToolGateMigrations;
import io.toolgate.support.CommandLines;
import java.io.PrintWriter;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** The {@code doctor} command. */
@Command(
        name = "doctor",
        description = "Checks the invariants of a store, each with a query that counts violations. Reads whole tables.",
        footer = {
            "",
            "Exit status: 0 no fault found, perhaps warnings; 1 a fault was found; 2 wrong usage.",
            "Each finding names one record as an example: see 'toolgate explain --id ID'."
        },
        sortOptions = false)
public final class DoctorCommand implements Callable<Integer> {
    private final Environment environment;

    @Option(
            names = "--journal-since",
            paramLabel = "TIME",
            description = "Checks the journal from then on; name the time when it was last switched on: 24h, or"
                    + " 2026-01-31T12:00:00Z.")
    private @Nullable String journalSince;

    @Mixin
    private final DatabaseOptions database;

    @Mixin
    private final OutputOptions output;

    /** The command, run in {@code environment}. */
    public DoctorCommand(Environment environment) {
        this.environment = environment;
        this.database = new DatabaseOptions(environment);
        this.output = new OutputOptions(environment);
    }

    @Override
    public Integer call() {
        StoreReader reader = database.reader();
        Set<String> missing = ValidateCommand.missingTables(reader);
        if (!missing.isEmpty()) {
            throw new IllegalStateException("nothing was checked, because tables are missing: "
                    + String.join(", ", missing) + ". Run 'toolgate validate'");
        }
        Instant since = reader.read(view ->
                journalSince == null ? Instant.EPOCH : TimeOptions.time(journalSince, "--journal-since", view.now()));
        boolean journal = DatabaseOptions.migrations(database.access(), ToolGateMigrations::journalIsOn);
        List<Finding> findings = new ArrayList<>();
        try (Progress progress = environment.progress("checking")) {
            for (HealthCheck check : HealthCheck.all(reader.database())) {
                if (!check.isOfJournal() || journal) {
                    progress.step("checking " + check.name());
                    findings.add(Finding.of(check, reader, since));
                }
            }
        }
        boolean healthy = findings.stream().noneMatch(Finding::isFault);
        Map<String, Object> object = new LinkedHashMap<>();
        object.put("healthy", healthy);
        object.put("journal", journal ? "on" : "off");
        object.put("checks", findings.stream().map(Finding::object).toList());
        output.print(object, out -> table(findings, journal, healthy, out));
        return healthy ? CommandLines.DONE : CommandLines.FAILED;
    }

    private static void table(List<Finding> findings, boolean journal, boolean healthy, PrintWriter out) {
        Table table = Table.of("check", ">found", "verdict", "what it counts", "example");
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
            out.println("The journal is off and was not checked.");
        }
        out.println(healthy ? "No faults were found." : "Faults were found: see the verdicts above.");
    }
}
