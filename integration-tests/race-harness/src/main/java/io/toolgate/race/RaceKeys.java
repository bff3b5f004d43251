package io.toolgate.race;

import io.toolgate.IdempotencyKey;
import io.toolgate.store.RecordId;
import java.util.List;
import java.util.stream.IntStream;

/**
 * The keys of one run, under a tenant and an action of its own, so that it meets nobody else's rows. They are given out in
 * waves of {@code perWave} keys.
 *
 * @param tenant whose keys they are
 * @param perWave how many there are in a wave
 */
public record RaceKeys(String tenant, int perWave) {
    /** The name of the action that they are raced for; no other run's records have it. */
    public String action() {
        return "charge-for-" + tenant;
    }

    /** The name of the action that each process runs once by itself before the race, so that it races warm. */
    public String warmUp() {
        return "warm-up-for-" + tenant;
    }

    /** The keys' texts of a wave, counted from 0, in order. */
    public List<String> wave(int wave) {
        return IntStream.range(wave * perWave, (wave + 1) * perWave)
                .mapToObj(i -> String.format("key-%06d", i))
                .toList();
    }

    /** The keys' texts of so many waves, in order. */
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

    /** The account that the key with this text charges: one of its own, the same in every process. */
    public String account(String text) {
        return "account-of-" + text;
    }

    /** What the provider must know the charge of the key with this text by, in every process and attempt. */
    public String providerKey(String text) {
        return record(text).providerKey().toString();
    }

    /** The key that a process warms up with. */
    public IdempotencyKey warmUpKey(int process, int life) {
        return key("process-" + process + "-" + life);
    }

    /** The identity of the record that a process leaves when it warms up. */
    public RecordId warmUpRecord(int process, int life) {
        return warmUpKey(process, life).in(warmUp());
    }
}
