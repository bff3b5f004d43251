package io.toolgate.scenarios;

import io.toolgate.store.jdbc.JdbcIdempotencyStore;
import io.zonky.test.db.postgres.embedded.EmbeddedPostgres;
import java.io.IOException;
import java.io.UncheckedIOException;
import org.jspecify.annotations.Nullable;

/** One PostgreSQL for all tests of this JVM, with its durability on, migrated. */
final class RealPostgres {
    private static @Nullable EmbeddedPostgres server;

    private RealPostgres() {}

    static synchronized String url() {
        if (server == null) {
            try {
                server = EmbeddedPostgres.builder()
                        .setServerConfig("fsync", "on")
                        .setServerConfig("synchronous_commit", "on")
                        .setServerConfig("full_page_writes", "on")
                        .setServerConfig("max_connections", "200")
                        .start();
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
            JdbcIdempotencyStore.builder(address(server)).migrate(true).open().close();
        }
        return address(server);
    }

    private static String address(EmbeddedPostgres server) {
        return server.getJdbcUrl("postgres", "postgres");
    }
}
