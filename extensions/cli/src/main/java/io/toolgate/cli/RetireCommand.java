package io.toolgate.cli;

import io.toolgate.store.IdempotencyRecord;
import io.toolgate.store.ResolveRequest.Verdict;
import picocli.CommandLine.Command;

/** The {@code retire} command. */
@Command(
        name = "retire",
        description = "Ends a finished record, so that the next call of its key begins a new one, with whatever input.",
        footer = {"", "The ended one stays in the history. Exit status 2: refused, nothing was changed."},
        sortOptions = false)
final class RetireCommand extends DecisionCommand {
    RetireCommand(Environment environment) {
        super(environment);
    }

    @Override
    void checkOptions() {}

    @Override
    Verdict verdict(IdempotencyRecord record, Reader reader) {
        return new Verdict.Retire();
    }

    @Override
    String describe(Verdict verdict) {
        return "retired";
    }
}
