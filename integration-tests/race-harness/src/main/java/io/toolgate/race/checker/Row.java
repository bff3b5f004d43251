package io.toolgate.race.checker;

import io.toolgate.store.RecordState;
import org.jspecify.annotations.Nullable;

/**
 * A key's row in the database after the run.
 *
 * @param state the record's state
 * @param fence the fence of its latest attempt
 * @param version its version
 * @param token the token of its latest claim, in hexadecimal
 * @param sha256 the digest of its result's bytes; null if it has no result
 */
public record Row(
        RecordState state,
        long fence,
        long version,
        String token,
        @Nullable String sha256) {}
