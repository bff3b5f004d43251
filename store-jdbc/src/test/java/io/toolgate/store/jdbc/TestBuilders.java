package io.toolgate.store.jdbc;

import io.toolgate.store.jdbc.JdbcIdempotencyStore.Builder;
import java.util.function.UnaryOperator;
import javax.sql.DataSource;

/** The builder's settings for tests, for tests in other packages. */
public final class TestBuilders {
    private TestBuilders() {}

    /** A builder whose store sends every write that can share a commit that way. */
    public static Builder everythingShared(Builder builder) {
        return builder.everythingShared();
    }

    /** A builder whose store takes its connections through {@code wrapper}. */
    public static Builder wrapped(Builder builder, UnaryOperator<DataSource> wrapper) {
        return builder.wrapper(wrapper);
    }
}
