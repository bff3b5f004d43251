package io.toolgate.store.jdbc;

import io.toolgate.store.ClaimOutcome;
import io.toolgate.store.RecordId;
import java.io.IOException;
import java.nio.charset.StandardCharsets;

/** A process that opens a store when it is told to, and claims one key: {@code <url> <key>}. */
final class Opener {
    private Opener() {}

    /** Says "ready", waits for a line, opens and claims, says how that ended, and waits for its input to end. */
    public static void main(String[] arguments) throws IOException {
        System.out.println("ready");
        int unused = System.in.read();
        try (JdbcIdempotencyStore store = JdbcIdempotencyStore.open(arguments[0])) {
            ClaimOutcome outcome = store.claim(TestRequests.hold(RecordId.of("tenant", "charge", arguments[1])));
            System.out.println(outcome.getClass().getSimpleName());
        } catch (RuntimeException e) {
            System.out.println(e.toString().replace('\n', ' '));
        }
        System.out.flush();
        String rest = new String(System.in.readAllBytes(), StandardCharsets.UTF_8);
        assert rest.isBlank();
    }
}
