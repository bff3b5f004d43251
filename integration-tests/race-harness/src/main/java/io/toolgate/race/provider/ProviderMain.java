package io.toolgate.race.provider;

import io.toolgate.support.Json;
import io.toolgate.support.process.ParentLink;
import java.io.InputStream;
import java.io.PrintStream;
import java.nio.file.Path;
import java.time.Duration;

/**
 * Main program of the provider's process. The first line of its input is a {@link Plan}, the first line of its output
 * the port; it ends when its input ends.
 */
public final class ProviderMain {
    /** The command-line argument that selects this program. */
    public static final String ROLE = "provider";

    /**
     * Settings of a provider.
     *
     * @param ledger the ledger file to create
     * @param actionMillis how long a charge takes
     * @param dedupe whether it charges once per Idempotency-Key
     */
    public record Plan(String ledger, long actionMillis, boolean dedupe) {
        /** Settings of a provider that dedupes. */
        public Plan(String ledger, long actionMillis) {
            this(ledger, actionMillis, true);
        }
    }

    private ProviderMain() {}

    /** Serves until the process ends. */
    public static void run(InputStream in, PrintStream out) throws Exception {
        // halt, not exit: a charge in progress must not continue, and every answered one is synced.
        ParentLink parent = ParentLink.listen(in, () -> Runtime.getRuntime().halt(0));
        Plan plan = Json.read(parent.next(), Plan.class);
        // Neither is closed: this process ends by halt.
        Ledger ledger = Ledger.create(Path.of(plan.ledger()));
        PaymentProvider provider = PaymentProvider.start(ledger, Duration.ofMillis(plan.actionMillis()), plan.dedupe());
        out.println(provider.port());
        Thread.currentThread().join();
    }
}
