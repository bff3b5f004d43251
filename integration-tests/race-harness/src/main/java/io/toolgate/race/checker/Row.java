package io.toolgate.race.checker;

import io.toolgate.store.RecordState;
import org.jspecify.annotations.Nullable;

/**
 * A record as the database held it when the run was over.
 *
 * @param state where it stands
 * @param fence of its latest attempt
 * @param version how often it moved
 * @param token of its latest claim, in hexadecimal
 * @param sha256 of its result's bytes, where it has one
 */
public record Row(
        RecordState state,
        long fence,
        long version,
        String token,
        @Nullable String sha256) {}
