package io.toolgate.scenarios;

import io.toolgate.Fingerprint;
import io.toolgate.IdempotencyKey;
import io.toolgate.Outcome;
import io.toolgate.PaidAction;
import io.toolgate.Recovery;
import io.toolgate.ResultCodec;
import io.toolgate.ToolGate;
import io.toolgate.store.jdbc.JdbcIdempotencyStore;
import java.io.BufferedReader;
import java.io.InputStreamReader;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;

/**
 * Process with a gate of its own that executes commands from standard input, one per line: {@code execute KEY
 * LEASE_MILLIS}, {@code hold KEY LEASE_MILLIS} (runs until {@code release}), {@code clock}. It writes a line for each
 * and ends with its input.
 */
final class Worker {
    private final ToolGate gate;
    private final CountDownLatch release = new CountDownLatch(1);

    private Worker(ToolGate gate) {
        this.gate = gate;
    }

    public static void main(String[] arguments) throws Exception {
        Duration wait = Duration.ofMillis(Long.parseLong(arguments[1]));
        boolean groupCommit = Boolean.parseBoolean(arguments[2]);
        try (JdbcIdempotencyStore store = JdbcIdempotencyStore.builder(arguments[0])
                        .groupCommit(groupCommit)
                        .open();
                ToolGate gate = ToolGate.on(store)
                        .waitForInProgress(wait)
                        .drainTimeout(Duration.ZERO)
                        .build()) {
            say("ready");
            new Worker(gate).obey();
        }
    }

    private void obey() throws Exception {
        BufferedReader commands = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
        String line;
        while ((line = commands.readLine()) != null) {
            String[] words = line.split(" ");
            switch (words[0]) {
                case "execute" -> execute(words[1], Long.parseLong(words[2]), false);
                case "hold" -> {
                    Thread runs = new Thread(() -> execute(words[1], Long.parseLong(words[2]), true));
                    runs.setDaemon(true);
                    runs.start();
                }
                case "release" -> release.countDown();
                case "lock" -> {
                    // The channel stays open, and with it the lock, until this process ends.
                    FileChannel file = FileChannel.open(Path.of(words[1]), StandardOpenOption.READ);
                    say("locked " + file.lock(0, Long.MAX_VALUE, true).isShared());
                }
                case "clock" -> say("clock " + System.currentTimeMillis());
                default -> throw new IllegalArgumentException(line);
            }
        }
    }

    private void execute(String key, long leaseMillis, boolean hold) {
        boolean[] ran = new boolean[1];
        PaidAction<String, String> action = PaidAction.<String, String>named("charge")
                .run((input, attempt) -> {
                    ran[0] = true;
                    if (hold) {
                        say("running " + attempt.number() + " " + attempt.providerKey());
                        release.await();
                    }
                    return "receipt-of-" + ProcessHandle.current().pid() + "-for-" + attempt.providerKey() + "-attempt-"
                            + attempt.number();
                })
                .codec(ResultCodec.text())
                .fingerprint(Fingerprint.text())
                .recovery(Recovery.rerun())
                .lease(Duration.ofMillis(leaseMillis))
                .heartbeat(Duration.ofMillis(leaseMillis / 10))
                .build();
        String result;
        try {
            Outcome<String> outcome = gate.execute(action, IdempotencyKey.of("processes", key), "in");
            result = outcome instanceof Outcome.Completed<String> completed
                    ? completed.value()
                    : outcome.getClass().getSimpleName();
        } catch (RuntimeException e) {
            result = "threw-" + e.getClass().getSimpleName() + ":"
                    + e.getMessage().replace(' ', '_');
        }
        say("done " + (ran[0] ? "ran" : "replayed") + " " + result);
    }

    private static synchronized void say(String line) {
        System.out.println(line);
        System.out.flush();
    }
}
