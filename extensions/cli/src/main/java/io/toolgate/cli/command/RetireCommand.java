package io.toolgate.cli.command;

import io.toolgate.cli.base.Environment;
import io.toolgate.cli.query.StoreReader;
import io.toolgate.store.IdempotencyRecord;
import io.toolgate.store.ResolveRequest.Verdict;
import picocli.CommandLine.Command;

/** The {@code retire} command. */
@Command(
        name = "retire",
        description =
                "Retires a finished record: the next call with its key begins a new one, and may have another input.",
        footer = {"", "The retired record stays in the history. Exit status 2: refused, nothing was changed."},
        sortOptions = false)
public final class RetireCommand extends DecisionCommand {
    /** The command, run in {@code environment}. */
    public RetireCommand(Environment environment) {
        super(environment);
    }

    @Override
    void checkOptions() {}

    @Override
    Verdict verdict(IdempotencyRecord record, StoreReader reader) {
        return new Verdict.Retire();
    }

    @Override
    String describe(Verdict verdict) {
        return "retired";
    }
}
