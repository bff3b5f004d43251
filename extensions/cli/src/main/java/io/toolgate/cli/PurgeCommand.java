package io.toolgate.cli;

import io.toolgate.store.jdbc.JdbcIdempotencyStore;
import java.util.Map;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** The {@code purge} command. */
@Command(
        name = "purge",
        description = "Deletes ended records whose retention is over; never one in progress or in doubt.",
        footer = {
            "",
            "In small transactions, so it may be stopped at any time. On PostgreSQL the purger's role is enough."
        },
        sortOptions = false)
final class PurgeCommand extends StoreCommand {
    /** How many records are deleted before the next word on progress. */
    private static final int BATCH = 5_000;

    @Option(names = "--limit", paramLabel = "N", description = "Deletes at most N. Default: all.")
    private long limit = Long.MAX_VALUE;

    PurgeCommand(Environment environment) {
        super(environment);
    }

    @Override
    public Integer call() {
        if (limit < 1) {
            throw new RefusedException("--limit must be at least 1, not " + limit);
        }
        var unused = reader();
        long deleted = 0;
        try (JdbcIdempotencyStore store = store().purgeOnly(true).open();
                Progress progress = Progress.of(environment(), "purging")) {
            int batch;
            int asked;
            do {
                asked = (int) Math.min(BATCH, limit - deleted);
                batch = store.purge(asked);
                deleted += batch;
                progress.doing("purging, " + Texts.count(deleted, "record", "records") + " so far");
            } while (batch == asked && deleted < limit);
        }
        long total = deleted;
        print(
                Map.of("deleted", total),
                out -> out.println(Texts.count(total, "record was", "records were") + " deleted."));
        return ToolGateMain.DONE;
    }
}
