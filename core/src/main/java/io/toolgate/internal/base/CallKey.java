package io.toolgate.internal.base;

import io.toolgate.store.InputFingerprint;
import io.toolgate.store.RecordId;

/**
 * What calls must share to wait for one another: the record, and the input. Calls with other inputs meet in the store only,
 * which alone knows to which of them the key belongs.
 */
public record CallKey(RecordId id, InputFingerprint fingerprint) {}
