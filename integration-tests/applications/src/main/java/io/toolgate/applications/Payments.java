package io.toolgate.applications;

import io.toolgate.Fingerprint;
import io.toolgate.IdempotencyKey;
import io.toolgate.PaidAction;
import io.toolgate.ResultCodec;
import io.toolgate.ToolGate;
import io.toolgate.store.jdbc.JdbcIdempotencyStore;
import javax.sql.DataSource;
import org.springframework.core.env.Environment;

/** A charge through ToolGate, twice with one key. */
final class Payments {
    private Payments() {}

    static String charge(DataSource dataSource, Environment environment) {
        JdbcIdempotencyStore.Builder builder = environment.getProperty("by-url", boolean.class, false)
                ? JdbcIdempotencyStore.builder(environment.getRequiredProperty("spring.datasource.url"))
                : JdbcIdempotencyStore.builder(dataSource);
        PaidAction<String, String> action = PaidAction.<String, String>named("charge")
                .run((input, attempt) -> "receipt of " + input)
                .codec(ResultCodec.text())
                .fingerprint(Fingerprint.text())
                .build();
        try (JdbcIdempotencyStore store = builder.migrate(environment.getProperty("migrate", boolean.class, false))
                        .open();
                ToolGate gate = ToolGate.on(store).build()) {
            String first =
                    gate.execute(action, IdempotencyKey.of("order-1"), "order-1").valueOrThrow();
            String second =
                    gate.execute(action, IdempotencyKey.of("order-1"), "order-1").valueOrThrow();
            return first.equals(second) ? first : "twice";
        }
    }
}
