package io.toolgate.race.run;

import static org.assertj.core.api.Assertions.assertThat;

import io.toolgate.Failure;
import io.toolgate.Fingerprint;
import io.toolgate.PaidAction;
import io.toolgate.ProbeResult;
import io.toolgate.ResultCodec;
import io.toolgate.race.action.ActionTerms;
import io.toolgate.race.action.Order;
import io.toolgate.race.action.Payments;
import io.toolgate.race.action.RaceAction;
import io.toolgate.race.checker.Terms.Recovery;
import io.toolgate.race.fault.Fault;
import io.toolgate.race.result.RaceResult;
import io.toolgate.race.settings.RaceSettings;
import java.io.PrintWriter;
import java.io.Writer;
import java.nio.charset.StandardCharsets;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** The harness as a library, with an action that is not its own. */
@Timeout(180)
class RaceFromATestIT {
    /** An action with an input and a result of its own, that forgets what its provider said. */
    public static final class ReceiptByMail implements RaceAction<String, byte[]> {
        /** Made by name. */
        public ReceiptByMail() {}

        @Override
        public PaidAction<String, byte[]> action(ActionTerms terms, Payments payments) {
            return terms.<String, byte[]>apply(attempt ->
                            payments.lookup(attempt).map(ProbeResult::happened).orElseGet(ProbeResult::notHappened))
                    .run((input, attempt) -> {
                        int slash = input.indexOf('/');
                        long amount = Long.parseLong(input.substring(slash + 1));
                        return payments.charge(attempt, new Order(input.substring(0, slash), amount));
                    })
                    .codec(ResultCodec.bytes())
                    .fingerprint(Fingerprint.text())
                    .classify(Failure::unknown)
                    .build();
        }

        @Override
        public String input(Order order) {
            return order.account() + "/" + order.amount();
        }

        @Override
        public String receipt(byte[] result) {
            String json = new String(result, StandardCharsets.UTF_8);
            return json.replaceAll(".*\"receipt\":\"([^\"]+)\".*", "$1");
        }
    }

    @Test
    void somebodysOwnActionIsKilledAndHolds() throws Exception {
        RaceSettings settings = RaceSettings.builder()
                .action(ReceiptByMail.class.getName())
                .processes(4)
                .keys(10)
                .duplicates(3)
                .recovery(Recovery.PROBE)
                .faults(Set.of(Fault.Kind.KILL))
                .soakSeconds(3)
                .build();
        PrintWriter nowhere = new PrintWriter(Writer.nullWriter());
        RaceResult result = new Race(settings, nowhere, nowhere).run().orElseThrow();
        assertThat(result.verdict().violations()).isEmpty();
        assertThat(result.verdict().tally().kills()).isPositive();
        assertThat(result.verdict().tally().charges()).isEqualTo(result.keys());
    }
}
