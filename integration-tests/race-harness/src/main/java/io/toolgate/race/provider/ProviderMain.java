package io.toolgate.race.provider;

import io.toolgate.support.Json;
import io.toolgate.support.process.ParentLink;
import java.io.InputStream;
import java.io.PrintStream;
import java.nio.file.Path;
import java.time.Duration;

/**
 * The provider's process. Its first line of input is a {@link Plan}, its first line of output its port; it ends when its
 * input does.
 */
public final class ProviderMain {
    /** The argument that makes the program a provider. */
    public static final String ROLE = "provider";

    /**
     * What a provider must know.
     *
     * @param ledger the file that it makes
     * @param actionMillis how long a charge takes
     * @param dedupe whether it charges once for one Idempotency-Key
     */
    public record Plan(String ledger, long actionMillis, boolean dedupe) {
        /** With a provider that dedupes, as most do. */
        public Plan(String ledger, long actionMillis) {
            this(ledger, actionMillis, true);
        }
    }

    private ProviderMain() {}

    /** Serves until the process ends. */
    public static void run(InputStream in, PrintStream out) throws Exception {
        // An answer's body must not wait for the receiver's acknowledgement of its head, which takes 40 ms.
        System.setProperty("sun.net.httpserver.nodelay", "true");
        // Clients, not the server, decide which connections are idle for too long or too many.
        System.setProperty("sun.net.httpserver.maxIdleConnections", "100000");
        // Halting, not exiting: a charge in the middle of its time must not get on, and every answered one is synced.
        ParentLink parent = ParentLink.listen(in, () -> Runtime.getRuntime().halt(0));
        Plan plan = Json.read(parent.next(), Plan.class);
        // Neither is ever closed: this process ends by being halted.
        Ledger ledger = Ledger.create(Path.of(plan.ledger()));
        PaymentProvider provider = PaymentProvider.start(ledger, Duration.ofMillis(plan.actionMillis()), plan.dedupe());
        out.println(provider.port());
        Thread.currentThread().join();
    }
}
