package io.toolgate;

import com.google.errorprone.annotations.CanIgnoreReturnValue;
import io.toolgate.internal.base.Preconditions;
import io.toolgate.internal.codec.JsonFingerprint;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * An action that costs money, described once: what it does, how its result is stored, what makes two inputs the same, and
 * what to do when nobody knows whether it happened. Immutable and safe for use by many threads.
 *
 * <p>Its name is a part of every record's identity. Do not rename an action that has records, and do not give two actions
 * one name.
 */
public final class PaidAction<I extends @Nullable Object, R extends @Nullable Object> {
    /** The lease of an action that declares none. */
    public static final Duration DEFAULT_LEASE = Duration.ofSeconds(30);
    /** The retention of an action that declares none. */
    public static final Duration DEFAULT_RETENTION = Duration.ofDays(7);
    /** The number of attempts of an action that declares none. */
    public static final int DEFAULT_MAX_ATTEMPTS = 5;
    /** How long a probe may take of an action that does not say. */
    public static final Duration DEFAULT_PROBE_TIMEOUT = Duration.ofSeconds(30);
    /** The largest result, in bytes, of an action that declares no limit. */
    public static final int DEFAULT_MAX_RESULT_BYTES = 1 << 20;

    private static final Duration LONGEST_DEFAULT_RUN = Duration.ofHours(1);

    private final String name;
    private final Run<I, R> run;
    private final ResultCodec<R> codec;
    private final String codecId;
    private final Fingerprint<? super I> fingerprint;
    private final Recovery<R> recovery;
    private final Classifier classifier;
    private final Duration lease;
    private final Duration heartbeat;
    private final Duration retention;
    private final Duration maxRunTime;
    private final Duration probeTimeout;
    private final int maxAttempts;
    private final int maxResultBytes;

    private PaidAction(Builder<I, R> b, Run<I, R> run, ResultCodec<R> codec, Fingerprint<? super I> fingerprint) {
        this.name = b.name;
        this.run = run;
        this.codec = codec;
        this.codecId = Preconditions.name(codec.id(), "codec id");
        this.fingerprint = fingerprint;
        this.recovery = b.recovery;
        this.classifier = b.classifier;
        this.lease = b.lease;
        this.heartbeat = b.heartbeat == null ? part(b.lease, 3) : b.heartbeat;
        this.retention = b.retention;
        this.maxRunTime = b.effectiveMaxRunTime();
        this.probeTimeout = b.probeTimeout;
        this.maxAttempts = b.maxAttempts;
        this.maxResultBytes = b.maxResultBytes;
    }

    // Not Duration.dividedBy, which calculates in decimals: actions may be built for each call. A checked duration is
    // short enough for nanoseconds.
    private static Duration part(Duration whole, int parts) {
        return Duration.ofNanos(whole.toNanos() / parts);
    }

    /** What the action does. */
    @FunctionalInterface
    public interface Run<I extends @Nullable Object, R extends @Nullable Object> {
        /** Has the effect, and returns its result. What it throws goes to the action's {@link Classifier}. */
        R run(I input, Attempt attempt) throws Exception;
    }

    /** Says what an exception of the run tells about the effect. */
    @FunctionalInterface
    public interface Classifier {
        /**
         * The failure that {@code thrown} stands for. If this throws, or returns null, the failure is unknown. An
         * {@link Error} is not shown: it is unknown, stored as such, and thrown on.
         */
        Failure classify(Throwable thrown);
    }

    /**
     * Starts to describe the action called {@code name}.
     *
     * @throws IllegalArgumentException if the name is null, blank, malformed or longer than 255 bytes of UTF-8
     */
    public static <I extends @Nullable Object, R extends @Nullable Object> Builder<I, R> named(String name) {
        return new Builder<>(Preconditions.name(name, "action name"));
    }

    /** The name. */
    public String name() {
        return name;
    }

    /** What it does. */
    public Run<I, R> run() {
        return run;
    }

    /** How its results are stored. */
    public ResultCodec<R> codec() {
        return codec;
    }

    /** The codec's {@link ResultCodec#id()}, as it was when the action was built. */
    public String codecId() {
        return codecId;
    }

    /** What makes two inputs the same. */
    public Fingerprint<? super I> fingerprint() {
        return fingerprint;
    }

    /** What to do about an attempt that may have had its effect. */
    public Recovery<R> recovery() {
        return recovery;
    }

    /** What its exceptions tell about the effect. */
    public Classifier classifier() {
        return classifier;
    }

    /** How long a claim holds without a heartbeat. */
    public Duration lease() {
        return lease;
    }

    /** How often a lease is renewed while the action runs. */
    public Duration heartbeat() {
        return heartbeat;
    }

    /** How long a record is kept, counted from its claim. */
    public Duration retention() {
        return retention;
    }

    /** How long a lease is kept alive for one run; after that the record is in doubt. */
    public Duration maxRunTime() {
        return maxRunTime;
    }

    /** How long a probe may take. */
    public Duration probeTimeout() {
        return probeTimeout;
    }

    /** How many attempts a key has. */
    public int maxAttempts() {
        return maxAttempts;
    }

    /** The largest encoded result that is stored, in bytes. */
    public int maxResultBytes() {
        return maxResultBytes;
    }

    @Override
    public String toString() {
        return "PaidAction[" + name + "]";
    }

    /** Collects the description of a {@link PaidAction}. Not safe for use by many threads. */
    public static final class Builder<I extends @Nullable Object, R extends @Nullable Object> {
        private final String name;
        private @Nullable Run<I, R> run;
        private @Nullable ResultCodec<R> codec;
        private @Nullable Fingerprint<? super I> fingerprint;
        private Recovery<R> recovery = Recovery.hold();
        private Classifier classifier = Failure::unknown;
        private Duration lease = DEFAULT_LEASE;
        private @Nullable Duration heartbeat;
        private Duration retention = DEFAULT_RETENTION;
        private @Nullable Duration maxRunTime;
        private Duration probeTimeout = DEFAULT_PROBE_TIMEOUT;
        private int maxAttempts = DEFAULT_MAX_ATTEMPTS;
        private int maxResultBytes = DEFAULT_MAX_RESULT_BYTES;

        private Builder(String name) {
            this.name = name;
        }

        /** What the action does. Required. */
        @CanIgnoreReturnValue
        public Builder<I, R> run(Run<I, R> run) {
            this.run = Preconditions.notNull(run, "run");
            return this;
        }

        /** How results are stored. Required. */
        @CanIgnoreReturnValue
        public Builder<I, R> codec(ResultCodec<R> codec) {
            this.codec = Preconditions.notNull(codec, "codec");
            return this;
        }

        /** What makes two inputs the same. Without it, {@link Fingerprint#json()} if Jackson is on the class path. */
        @CanIgnoreReturnValue
        public Builder<I, R> fingerprint(Fingerprint<? super I> fingerprint) {
            this.fingerprint = Preconditions.notNull(fingerprint, "fingerprint");
            return this;
        }

        /** What to do about an attempt that may have had its effect. Without it, {@link Recovery#hold()}. */
        @CanIgnoreReturnValue
        public Builder<I, R> recovery(Recovery<R> recovery) {
            this.recovery = Preconditions.notNull(recovery, "recovery");
            return this;
        }

        /** What exceptions of the run tell about the effect. Without it, nothing: each is {@link Failure#unknown}. */
        @CanIgnoreReturnValue
        public Builder<I, R> classify(Classifier classifier) {
            this.classifier = Preconditions.notNull(classifier, "classifier");
            return this;
        }

        /** How long a claim holds without a heartbeat; at least 1 ms, 30 s without this. */
        @CanIgnoreReturnValue
        public Builder<I, R> lease(Duration lease) {
            this.lease = Preconditions.positive(lease, "lease");
            return this;
        }

        /** How often a lease is renewed while the action runs; at most a third of the lease, which it is without this. */
        @CanIgnoreReturnValue
        public Builder<I, R> heartbeat(Duration every) {
            this.heartbeat = Preconditions.positive(every, "heartbeat");
            return this;
        }

        /** How long a record is kept, counted from its claim; at least the lease and the run time, 7 days without this. */
        @CanIgnoreReturnValue
        public Builder<I, R> retention(Duration retention) {
            this.retention = Preconditions.positive(retention, "retention");
            return this;
        }

        /**
         * How long a lease is kept alive for one run, after which the record is in doubt although the run may go on: from the
         * lease to the retention; an hour, or half the retention if that is shorter, without this.
         */
        @CanIgnoreReturnValue
        public Builder<I, R> maxRunTime(Duration maxRunTime) {
            this.maxRunTime = Preconditions.positive(maxRunTime, "maxRunTime");
            return this;
        }

        /**
         * How long a probe may take, 30 s without this: one that has not answered by then is interrupted, and does not know.
         */
        @CanIgnoreReturnValue
        public Builder<I, R> probeTimeout(Duration probeTimeout) {
            this.probeTimeout = Preconditions.positive(probeTimeout, "probeTimeout");
            return this;
        }

        /**
         * How many attempts a key has, counted by its fence, 5 without this: the last one's failure before the effect is
         * final, and a record whose last attempt left its effect unknown is not rerun. A probe may still be asked.
         */
        @CanIgnoreReturnValue
        public Builder<I, R> maxAttempts(int maxAttempts) {
            this.maxAttempts = Preconditions.atLeastOne(maxAttempts, "maxAttempts");
            return this;
        }

        /** The largest encoded, and encrypted, result that is stored, 1 MiB without this; a larger one is unavailable. */
        @CanIgnoreReturnValue
        public Builder<I, R> maxResultBytes(int maxResultBytes) {
            this.maxResultBytes = Preconditions.atLeastOne(maxResultBytes, "maxResultBytes");
            return this;
        }

        /**
         * The action.
         *
         * @throws IllegalArgumentException if the parts do not fit each other
         * @throws IllegalStateException if a required part is missing
         */
        public PaidAction<I, R> build() {
            if (run == null) {
                throw missing("run", ".run((input, attempt) -> …)");
            }
            if (codec == null) {
                throw missing("codec", ".codec(JsonCodec.of(Receipt.class)), or one of ResultCodec's");
            }
            checkDurations();
            Fingerprint<? super I> chosen = fingerprint;
            if (chosen == null) {
                if (!JsonFingerprint.isAvailable()) {
                    throw missing(
                            "fingerprint",
                            ".fingerprint(…), or put jackson-databind on the class path for the default");
                }
                chosen = Fingerprint.json();
            }
            return new PaidAction<>(this, run, codec, chosen);
        }

        private void checkDurations() {
            if (heartbeat != null && heartbeat.compareTo(part(lease, 3)) > 0) {
                throw new IllegalArgumentException("heartbeat " + heartbeat + " is longer than a third of the lease "
                        + lease + "; two lost heartbeats would lose the lease: shorten it or leave it out");
            }
            if (retention.compareTo(lease) < 0) {
                throw new IllegalArgumentException("retention " + retention + " is shorter than the lease " + lease
                        + "; a record must outlive its own run: raise the retention or shorten the lease");
            }
            if (maxRunTime != null && maxRunTime.compareTo(lease) < 0) {
                throw new IllegalArgumentException("maxRunTime " + maxRunTime + " is shorter than the lease " + lease
                        + "; raise it or shorten the lease");
            }
            if (maxRunTime != null && maxRunTime.compareTo(retention) > 0) {
                throw new IllegalArgumentException(
                        "maxRunTime " + maxRunTime + " is longer than the retention " + retention
                                + ", which counts from the claim; a run could outlive its own record: raise the retention");
            }
        }

        private Duration effectiveMaxRunTime() {
            if (maxRunTime != null) {
                return maxRunTime;
            }
            // Half, so that what a long run stored can be replayed for as long again.
            Duration half = part(retention, 2);
            Duration shorter = half.compareTo(LONGEST_DEFAULT_RUN) < 0 ? half : LONGEST_DEFAULT_RUN;
            return shorter.compareTo(lease) < 0 ? lease : shorter;
        }

        private IllegalStateException missing(String part, String remedy) {
            return new IllegalStateException("action " + name + " has no " + part + "; add " + remedy);
        }
    }
}
