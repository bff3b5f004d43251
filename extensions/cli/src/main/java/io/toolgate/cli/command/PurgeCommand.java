package io.toolgate.cli.command;

import io.toolgate.cli.base.DatabaseOptions;
import io.toolgate.cli.base.Environment;
import io.toolgate.cli.base.OutputOptions;
import io.toolgate.cli.output.Progress;
import io.toolgate.cli.output.Texts;
import io.toolgate.store.jdbc.JdbcIdempotencyStore;
import io.toolgate.support.CommandLines;
import io.toolgate.support.UsageException;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** The {@code purge} command. */
@Command(
        name = "purge",
        description = "Deletes records whose retention is over; never one in progress or in doubt.",
        footer = {
            "",
            "Deletes in small transactions, so it can be stopped at any time. PostgreSQL: the purger's role is enough."
        },
        sortOptions = false)
public final class PurgeCommand implements Callable<Integer> {
    private final Environment environment;

    /** How many records are deleted between two updates of the progress line. */
    private static final int BATCH = 5_000;

    @Option(names = "--limit", paramLabel = "N", description = "Deletes at most N records. Default: all.")
    private long limit = Long.MAX_VALUE;

    @Mixin
    private final DatabaseOptions database;

    @Mixin
    private final OutputOptions output;

    /** The command, run in {@code environment}. */
    public PurgeCommand(Environment environment) {
        this.environment = environment;
        this.database = new DatabaseOptions(environment);
        this.output = new OutputOptions(environment);
    }

    @Override
    public Integer call() {
        if (limit < 1) {
            throw new UsageException("--limit must be at least 1, not " + limit);
        }
        var unused = database.reader();
        long deleted = 0;
        try (JdbcIdempotencyStore store = database.store().purgeOnly(true).open();
                Progress progress = environment.progress("purging")) {
            int batch;
            int requested;
            do {
                requested = (int) Math.min(BATCH, limit - deleted);
                batch = store.purge(requested);
                deleted += batch;
                progress.step("purging, " + Texts.count(deleted, "record", "records") + " so far");
            } while (batch == requested && deleted < limit);
        }
        long total = deleted;
        output.print(
                Map.of("deleted", total), out -> out.println(Texts.count(total, "record", "records") + " deleted."));
        return CommandLines.DONE;
    }
}
