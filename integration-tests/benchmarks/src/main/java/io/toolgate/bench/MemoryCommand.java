package io.toolgate.bench;

import io.toolgate.support.CommandLines;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import org.openjdk.jmh.Main;
import picocli.CommandLine.Command;
import picocli.CommandLine.Unmatched;

/** The {@code memory} command: JMH, with its own options. */
@Command(
        name = "memory",
        description = "Runs the JMH benchmarks of what needs no database; takes JMH's arguments, -h lists them.",
        sortOptions = false)
final class MemoryCommand implements Callable<Integer> {
    @Unmatched
    private List<String> arguments = new ArrayList<>();

    @Override
    public Integer call() throws Exception {
        Main.main(arguments.toArray(String[]::new));
        return CommandLines.DONE;
    }
}
