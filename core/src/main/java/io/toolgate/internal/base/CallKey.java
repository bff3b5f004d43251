package io.toolgate.internal.base;

import io.toolgate.store.InputFingerprint;
import io.toolgate.store.RecordId;

/**
 * What two calls must have in common to wait for one another: the record and the input. Calls with different inputs
 * meet in the store only, which alone knows to which input the key belongs.
 */
public record CallKey(RecordId id, InputFingerprint fingerprint) {}
