package io.toolgate.race.worker;

import io.toolgate.IdempotencyKey;
import io.toolgate.store.RecordId;
import java.util.List;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/**
 * The keys of one run, under a tenant of its own, so that it meets nobody else's rows.
 *
 * @param tenant whose keys they are
 * @param count how many there are
 */
public record RaceKeys(String tenant, int count) {
    /** The name of the action that all of them run. */
    public static final String ACTION = "race-charge";

    /** The name of the action that each process runs once by itself before the race, so that it races warm. */
    static final String WARM_UP = "race-warm-up";

    /** The keys' texts, in order. */
    public List<String> all() {
        return IntStream.range(0, count)
                .mapToObj(i -> String.format("key-%05d", i))
                .toList();
    }

    /** The key with this text. */
    public IdempotencyKey key(String text) {
        return IdempotencyKey.of(tenant, text);
    }

    /** The identity of the record of the key with this text. */
    public RecordId record(String text) {
        return key(text).in(ACTION);
    }

    /** The account that the key with this text charges: one of its own, the same in every process. */
    public String account(String text) {
        return "account-of-" + text;
    }

    /** What the provider must know the charge of the key with this text by, in every process and attempt. */
    public String providerKey(String text) {
        return record(text).providerKey().toString();
    }

    /** The key that the process with this number warms up with. */
    IdempotencyKey warmUpKey(int process) {
        return key("process-" + process);
    }

    /** Every record that a run of so many processes may leave. */
    public List<RecordId> allRecords(int processes) {
        return Stream.concat(
                        all().stream().map(this::record),
                        IntStream.rangeClosed(1, processes)
                                .mapToObj(process -> warmUpKey(process).in(WARM_UP)))
                .toList();
    }
}
