package io.toolgate.bench.wakeup;

import io.toolgate.bench.contender.BenchDatabase;
import io.toolgate.bench.contender.Contender;
import io.toolgate.bench.contender.ContenderFactory;
import io.toolgate.support.Json;
import io.toolgate.support.process.Dialogue;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.PrintStream;
import java.time.Duration;
import java.util.List;
import java.util.function.Function;

/** A party in a child process: a line to it is a command, and a line from it the answer. */
public final class RemoteParty implements Party {
    /** The argument with which the program becomes such a child. */
    public static final String ROLE = "child-party";

    private static final Duration TIMEOUT = Duration.ofSeconds(90);

    private final Dialogue child;

    private RemoteParty(Dialogue child) {
        this.child = child;
    }

    record Plan(String contender, BenchDatabase place, int concurrency) {}

    record Command(String verb, List<String> keys) {}

    record Answer(List<Long> nanos) {}

    /** A party in the new process {@code child}, whose clock must be this process's; closes it. */
    public static RemoteParty in(Dialogue child, String contender, BenchDatabase place, int concurrency)
            throws Exception {
        RemoteParty party = new RemoteParty(child);
        try {
            child.send(Json.line(new Plan(contender, place, concurrency)));
            long before = System.nanoTime();
            List<Long> childTime = party.request("clock", List.of());
            long after = System.nanoTime();
            if (childTime.get(0) - before < 0 || after - childTime.get(0) < 0) {
                throw new IllegalStateException(
                        "System.nanoTime is not one clock for all processes of this machine, as CLOCK_MONOTONIC on"
                                + " Linux is: wake-ups between processes cannot be measured here, use --where jvm");
            }
            return party;
        } catch (Exception e) {
            child.close();
            throw e;
        }
    }

    private List<Long> request(String verb, List<String> keys) throws Exception {
        child.send(Json.line(new Command(verb, keys)));
        return Json.read(child.receive(TIMEOUT), Answer.class).nanos();
    }

    @Override
    public void own(List<String> keys) throws Exception {
        List<Long> unused = request("own", keys);
    }

    @Override
    public List<Long> finish() throws Exception {
        return request("finish", List.of());
    }

    @Override
    public void await(List<String> keys) throws Exception {
        List<Long> unused = request("await", keys);
    }

    @Override
    public List<Long> answered() throws Exception {
        return request("answered", List.of());
    }

    @Override
    public void close() {
        child.close();
    }

    /** Plays the role in the other process, until the input ends. */
    public static void run(BufferedReader in, PrintStream out, Function<String, ContenderFactory> contenders)
            throws Exception {
        String line = in.readLine();
        if (line == null) {
            throw new IOException("the parent process ended");
        }
        Plan plan = Json.read(line, Plan.class);
        try (Contender contender = contenders.apply(plan.contender()).open(plan.place(), plan.concurrency());
                LocalParty party = new LocalParty(contender)) {
            line = in.readLine();
            while (line != null) {
                out.println(Json.line(new Answer(execute(party, Json.read(line, Command.class)))));
                line = in.readLine();
            }
        }
    }

    private static List<Long> execute(LocalParty party, Command command) throws Exception {
        switch (command.verb()) {
            case "clock" -> {
                return List.of(System.nanoTime());
            }
            case "own" -> party.own(command.keys());
            case "await" -> party.await(command.keys());
            case "finish" -> {
                return party.finish();
            }
            case "answered" -> {
                return party.answered();
            }
            default -> throw new IllegalArgumentException("there is no command " + command.verb());
        }
        return List.of();
    }
}
