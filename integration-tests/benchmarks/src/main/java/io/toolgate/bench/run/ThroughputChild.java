package io.toolgate.bench.run;

import io.toolgate.bench.contender.BenchDatabase;
import io.toolgate.bench.contender.Contender;
import io.toolgate.bench.contender.ContenderFactory;
import io.toolgate.bench.load.ClosedLoop;
import io.toolgate.bench.load.Load;
import io.toolgate.support.Json;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.PrintStream;
import java.time.Duration;
import java.util.function.Function;

/**
 * One of several child processes that load a database together. Reads its {@link Plan}, prints {@code ready}, runs on
 * the next line of input, and prints its {@link Answer}.
 */
public final class ThroughputChild {
    /** The argument with which the program becomes such a child. */
    public static final String ROLE = "child-throughput";

    private ThroughputChild() {}

    record Plan(
            String contender, BenchDatabase place, int concurrency, long warmupMillis, long windowMillis, long seed) {}

    record Answer(double opsPerSecond, String latencies) {}

    /** Plays the role to its end. */
    public static void run(BufferedReader in, PrintStream out, Function<String, ContenderFactory> contenders)
            throws Exception {
        Plan plan = Json.read(line(in), Plan.class);
        Load load = new Load(Duration.ofMillis(plan.warmupMillis()), Duration.ofMillis(plan.windowMillis()));
        try (Contender contender = contenders.apply(plan.contender()).open(plan.place(), plan.concurrency())) {
            out.println("ready");
            String unused = line(in);
            ClosedLoop.Outcome outcome = Throughput.run(contender, plan.concurrency(), load, plan.seed());
            out.println(Json.line(
                    new Answer(outcome.opsPerSecond(), outcome.latencies().encoded())));
        }
    }

    private static String line(BufferedReader in) throws IOException {
        String line = in.readLine();
        if (line == null) {
            throw new IOException("the parent process ended");
        }
        return line;
    }
}
