package io.toolgate.bench;

import io.toolgate.Fingerprint;
import io.toolgate.IdempotencyKey;
import io.toolgate.Outcome;
import io.toolgate.PaidAction;
import io.toolgate.ResultCodec;
import io.toolgate.ToolGate;
import io.toolgate.store.ClaimOutcome;
import io.toolgate.store.ClaimRequest;
import io.toolgate.store.ClaimRequest.OnUnknown;
import io.toolgate.store.ClaimToken;
import io.toolgate.store.InputFingerprint;
import io.toolgate.store.Payload;
import io.toolgate.store.RecordId;
import io.toolgate.store.TransitionOutcome;
import io.toolgate.store.memory.MemoryIdempotencyStore;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Level;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.annotations.Threads;
import org.openjdk.jmh.annotations.Warmup;

/**
 * The cost of a claim and a completion of a new key in memory, next to the map that one would write first. One
 * operation is one key: claimed, completed. Every iteration starts with empty stores, or the heap would grow with the
 * number of keys.
 */
@BenchmarkMode(Mode.Throughput)
@OutputTimeUnit(TimeUnit.SECONDS)
@Threads(2)
@Fork(
        value = 5,
        jvmArgsAppend = {"-Xms3g", "-Xmx3g", "-XX:+UseParallelGC"})
@Warmup(iterations = 6, time = 500, timeUnit = TimeUnit.MILLISECONDS)
@Measurement(iterations = 8, time = 500, timeUnit = TimeUnit.MILLISECONDS)
public class MemoryStoreBenchmark {
    private static final Duration LEASE = Duration.ofSeconds(30);
    private static final Duration RETENTION = Duration.ofHours(1);
    private static final InputFingerprint FINGERPRINT = InputFingerprint.ofCanonical(new byte[] {1});
    private static final Payload RESULT = Payload.of("text", new byte[] {'r', 'e', 'c', 'e', 'i', 'p', 't'});
    private static final String BUSY = "in progress";
    private static final String DONE = "receipt";

    /** State that the threads share. */
    @State(Scope.Benchmark)
    public static class Shared {
        private static final PaidAction<@Nullable String, String> ACTION = PaidAction.<@Nullable String, String>named(
                        "charge-card")
                .run((input, attempt) -> DONE)
                .codec(ResultCodec.text())
                .fingerprint(Fingerprint.text())
                .build();

        // One for the process, as a gate has it.
        private final SecureRandom random = new SecureRandom();
        private final AtomicInteger threads = new AtomicInteger();
        private MemoryIdempotencyStore store = emptyStore();
        private ToolGate gate = ToolGate.on(store).build();
        private ConcurrentHashMap<String, String> map = new ConcurrentHashMap<>();

        private static MemoryIdempotencyStore emptyStore() {
            return MemoryIdempotencyStore.builder()
                    .maxRecords(Integer.MAX_VALUE)
                    .build();
        }

        /** Forgets the keys of the iteration before. */
        @Setup(Level.Iteration)
        public void empty() {
            gate.close();
            store.close();
            store = emptyStore();
            gate = ToolGate.on(store).build();
            map = new ConcurrentHashMap<>();
            System.gc();
        }

        /** Lets go of the last gate. */
        @TearDown
        public void close() {
            gate.close();
            store.close();
        }
    }

    /** One thread's keys, none of which another thread has. */
    @State(Scope.Thread)
    public static class Keys {
        private String prefix = "";
        private long next;

        /** Gives the thread its prefix. */
        @Setup
        public void number(Shared shared) {
            prefix = "order-" + shared.threads.incrementAndGet() + "-";
        }

        private String fresh() {
            return prefix + next++;
        }
    }

    /** Claim and completion, with tokens as ToolGate draws them. */
    @Benchmark
    public TransitionOutcome toolgateClaimComplete(Shared shared, Keys keys) {
        return claimAndComplete(shared, keys, ClaimToken.random(shared.random));
    }

    /** The same with tokens that cost nothing, to show what the tokens cost. A gate never draws them like this. */
    @Benchmark
    public TransitionOutcome toolgateClaimCompleteWithFreeTokens(Shared shared, Keys keys) {
        ThreadLocalRandom random = ThreadLocalRandom.current();
        return claimAndComplete(shared, keys, new ClaimToken(random.nextLong(), random.nextLong()));
    }

    private static TransitionOutcome claimAndComplete(Shared shared, Keys keys, ClaimToken token) {
        RecordId id = RecordId.of("default", "charge-card", keys.fresh());
        ClaimOutcome claimed = shared.store.claim(
                new ClaimRequest(id, token, "benchmark", FINGERPRINT, LEASE, RETENTION, OnUnknown.HOLD, 5));
        return shared.store.complete(((ClaimOutcome.Acquired) claimed).lease(), RESULT);
    }

    /**
     * Everything that a call of a gate does: fingerprint, single flight, claim, heartbeat's book, run, encode,
     * complete.
     */
    @Benchmark
    public Outcome<String> gateExecute(Shared shared, Keys keys) {
        return shared.gate.execute(Shared.ACTION, IdempotencyKey.of(keys.fresh()), "input");
    }

    /** The map that anybody would write first: no lease, no fence, no conflict, no time, no bound. */
    @Benchmark
    public boolean bareConcurrentHashMap(Shared shared, Keys keys) {
        String key = keys.fresh();
        return shared.map.putIfAbsent(key, BUSY) == null && shared.map.replace(key, BUSY, DONE);
    }
}
