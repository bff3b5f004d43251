package io.toolgate.race;

import io.toolgate.IdempotencyKey;
import io.toolgate.store.RecordId;
import java.util.List;
import java.util.stream.IntStream;

/**
 * The keys of one run, in waves. A tenant and an action of its own keep the run away from all other rows.
 *
 * @param tenant of the keys
 * @param perWave number of keys in a wave
 */
public record RaceKeys(String tenant, int perWave) {
    /** The name of the action under test; no other run's records have it. */
    public String action() {
        return "charge-for-" + tenant;
    }

    /** The name of the action that each process runs once before the race, to warm up. */
    public String warmUp() {
        return "warm-up-for-" + tenant;
    }

    /** The keys of a wave, counted from 0, in order. */
    public List<String> wave(int wave) {
        return IntStream.range(wave * perWave, (wave + 1) * perWave)
                .mapToObj(i -> String.format("key-%06d", i))
                .toList();
    }

    /** The keys of the first {@code waves} waves, in order. */
    public List<String> waves(int waves) {
        return IntStream.range(0, waves)
                .mapToObj(this::wave)
                .flatMap(List::stream)
                .toList();
    }

    /** The key with this text. */
    public IdempotencyKey key(String text) {
        return IdempotencyKey.of(tenant, text);
    }

    /** The identity of the record of the key with this text. */
    public RecordId record(String text) {
        return key(text).in(action());
    }

    /** The account that the key with this text charges: its own, and the same in every process. */
    public String account(String text) {
        return "account-of-" + text;
    }

    /** The provider key of the key with this text, the same in every process and attempt. */
    public String providerKey(String text) {
        return record(text).providerKey().toString();
    }

    /** The key that a process warms up with. */
    public IdempotencyKey warmUpKey(int process, int life) {
        return key("process-" + process + "-" + life);
    }

    /** The identity of the record of a process's warm-up. */
    public RecordId warmUpRecord(int process, int life) {
        return warmUpKey(process, life).in(warmUp());
    }
}
