package io.toolgate;

import com.google.errorprone.annotations.CanIgnoreReturnValue;
import io.toolgate.internal.base.Preconditions;
import io.toolgate.internal.base.Redaction;
import io.toolgate.internal.codec.JsonLibrary;
import io.toolgate.internal.codec.RedactedCodec;
import java.time.Duration;
import java.util.Optional;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/**
 * Description of an action that costs money: what it does, how its result is stored, which inputs count as the same,
 * and how to recover when its effect is unknown. Immutable and thread-safe; create one per action, or one per call,
 * which is cheap.
 *
 * <p>The name is a part of every record's identity. Do not rename an action that has records, and do not give two
 * actions the same name.
 */
public final class PaidAction<I extends @Nullable Object, R extends @Nullable Object> {
    /** The lease unless {@link Builder#lease} sets another. */
    public static final Duration DEFAULT_LEASE = Duration.ofSeconds(30);
    /** The retention unless {@link Builder#retention} sets another. */
    public static final Duration DEFAULT_RETENTION = Duration.ofDays(7);
    /** The number of attempts unless {@link Builder#maxAttempts} sets another. */
    public static final int DEFAULT_MAX_ATTEMPTS = 5;
    /** The time limit of a probe unless {@link Builder#probeTimeout} sets another. */
    public static final Duration DEFAULT_PROBE_TIMEOUT = Duration.ofSeconds(30);
    /** The largest result, in bytes, unless {@link Builder#maxResultBytes} sets another. */
    public static final int DEFAULT_MAX_RESULT_BYTES = 1 << 20;

    private static final Duration LONGEST_DEFAULT_RUN = Duration.ofHours(1);

    private final String name;
    private final Run<I, R> run;
    private final ResultCodec<R> codec;
    private final String codecId;
    private final Fingerprint<? super I> fingerprint;
    private final Recovery<R> recovery;
    private final Classifier classifier;
    private final UnaryOperator<String> redaction;
    private final @Nullable ResultCodec<I> inputCodec;
    private final @Nullable String inputCodecId;
    private final @Nullable StoredRows<?, I, R> rows;
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
        this.redaction = b.redaction;
        this.codec = RedactedCodec.of(codec, Redaction.of(b.redaction));
        this.codecId = Preconditions.name(codec.id(), "codec id");
        this.fingerprint = fingerprint;
        this.recovery = b.recovery;
        this.classifier = b.classifier;
        this.inputCodec = b.inputCodec == null ? null : RedactedCodec.of(b.inputCodec, Redaction.of(b.redaction));
        this.inputCodecId = b.inputCodec == null ? null : Preconditions.name(b.inputCodec.id(), "input codec id");
        this.rows = b.rows;
        this.lease = b.lease;
        this.heartbeat = b.heartbeat == null ? part(b.lease, 3) : b.heartbeat;
        this.retention = b.retention;
        this.maxRunTime = b.effectiveMaxRunTime();
        this.probeTimeout = b.probeTimeout;
        this.maxAttempts = b.maxAttempts;
        this.maxResultBytes = b.maxResultBytes;
    }

    // Not Duration.dividedBy, which uses BigDecimal: actions may be built for each call. A validated duration fits
    // into nanoseconds.
    private static Duration part(Duration whole, int parts) {
        return Duration.ofNanos(whole.toNanos() / parts);
    }

    /** The body of an action. */
    @FunctionalInterface
    public interface Run<I extends @Nullable Object, R extends @Nullable Object> {
        /** Performs the effect and returns its result. An exception goes to the action's {@link Classifier}. */
        R run(I input, Attempt attempt) throws Exception;
    }

    /** Maps an exception of the run to a {@link Failure}, which says whether the effect happened. */
    @FunctionalInterface
    public interface Classifier {
        /**
         * Returns the failure that {@code thrown} stands for. If this method throws or returns null, the failure is
         * unknown. An {@link Error} is never classified: it is stored as an unknown failure and rethrown.
         */
        Failure classify(Throwable thrown);
    }

    /** Writes the rows that belong to a result; see {@link Builder#storing}. */
    @FunctionalInterface
    public interface RowWriter<C, I extends @Nullable Object, R extends @Nullable Object> {
        /**
         * Writes the rows of {@code completion} through {@code connection}, whose transaction also completes the
         * record. An exception rolls both back.
         */
        void write(C connection, Completion<I, R> completion) throws Exception;
    }

    /**
     * What an action stores with its results.
     *
     * @param connection the type of the connection that it writes through
     */
    public record StoredRows<C, I extends @Nullable Object, R extends @Nullable Object>(
            Class<C> connection, RowWriter<? super C, I, R> writer) {}

    /**
     * Returns a builder of the action called {@code name}.
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

    /** The body of the action. */
    public Run<I, R> run() {
        return run;
    }

    /** The codec of its results. */
    public ResultCodec<R> codec() {
        return codec;
    }

    /** The codec's {@link ResultCodec#id()}, as it was when the action was built. */
    public String codecId() {
        return codecId;
    }

    /** The fingerprint that compares inputs. */
    public Fingerprint<? super I> fingerprint() {
        return fingerprint;
    }

    /** The recovery from an attempt whose effect is unknown. */
    public Recovery<R> recovery() {
        return recovery;
    }

    /** The classifier of its exceptions. */
    public Classifier classifier() {
        return classifier;
    }

    /** What is written of a message of its failures and exceptions. */
    public UnaryOperator<String> redaction() {
        return redaction;
    }

    /** The codec of the inputs that it remembers; empty if it remembers none. */
    public Optional<ResultCodec<I>> inputCodec() {
        return Optional.ofNullable(inputCodec);
    }

    /** The {@link ResultCodec#id()} of {@link #inputCodec()}, as it was when the action was built. */
    public Optional<String> inputCodecId() {
        return Optional.ofNullable(inputCodecId);
    }

    /** What it stores with its results, if anything. */
    public Optional<StoredRows<?, I, R>> rows() {
        return Optional.ofNullable(rows);
    }

    /** How long a claim holds without a heartbeat. */
    public Duration lease() {
        return lease;
    }

    /** The interval at which a lease is renewed while the action runs. */
    public Duration heartbeat() {
        return heartbeat;
    }

    /** How long a record is kept at least, counted from its end. */
    public Duration retention() {
        return retention;
    }

    /** How long the lease of one run is renewed; after that the record falls in doubt. */
    public Duration maxRunTime() {
        return maxRunTime;
    }

    /** The time limit of a probe. */
    public Duration probeTimeout() {
        return probeTimeout;
    }

    /** After how many attempts of unknown effect a key is not rerun any more. */
    public int maxAttempts() {
        return maxAttempts;
    }

    /** The largest encoded result, or remembered input, that is stored, in bytes. */
    public int maxResultBytes() {
        return maxResultBytes;
    }

    @Override
    public String toString() {
        return "PaidAction[" + name + "]";
    }

    /** Builder of a {@link PaidAction}. Not thread-safe. */
    public static final class Builder<I extends @Nullable Object, R extends @Nullable Object> {
        private final String name;
        private @Nullable Run<I, R> run;
        private @Nullable ResultCodec<R> codec;
        private @Nullable Fingerprint<? super I> fingerprint;
        private Recovery<R> recovery = Recovery.hold();
        private Classifier classifier = Failure::unknown;
        private UnaryOperator<String> redaction = Redaction.NOTHING;
        private @Nullable ResultCodec<I> inputCodec;
        private @Nullable StoredRows<?, I, R> rows;
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

        /** Sets the body of the action. Required. */
        @CanIgnoreReturnValue
        public Builder<I, R> run(Run<I, R> run) {
            this.run = Preconditions.notNull(run, "run");
            return this;
        }

        /** Sets the codec of the results. Required. */
        @CanIgnoreReturnValue
        public Builder<I, R> codec(ResultCodec<R> codec) {
            this.codec = Preconditions.notNull(codec, "codec");
            return this;
        }

        /** Sets the fingerprint that compares inputs. Default: {@link Fingerprint#json()}, which needs Jackson. */
        @CanIgnoreReturnValue
        public Builder<I, R> fingerprint(Fingerprint<? super I> fingerprint) {
            this.fingerprint = Preconditions.notNull(fingerprint, "fingerprint");
            return this;
        }

        /** Sets the recovery from an attempt whose effect is unknown. Default: {@link Recovery#hold()}. */
        @CanIgnoreReturnValue
        public Builder<I, R> recovery(Recovery<R> recovery) {
            this.recovery = Preconditions.notNull(recovery, "recovery");
            return this;
        }

        /** Sets the classifier of the run's exceptions. Default: each is a {@link Failure#unknown}. */
        @CanIgnoreReturnValue
        public Builder<I, R> classify(Classifier classifier) {
            this.classifier = Preconditions.notNull(classifier, "classifier");
            return this;
        }

        /**
         * Sets what is written of the messages of this action's failures and exceptions, which may quote card numbers
         * or values of rows. Default: the messages as they are. Written are failures, in the record, its history and
         * the journal, and exceptions of run, classifier, probe, codec and row writer, in the gate's log, each with its
         * causes, and their types and stack traces kept. Outcomes and events carry the redacted failure. Its
         * {@linkplain Failure#cause() cause}, which only this process's callers and listeners are given, is the
         * exception itself.
         *
         * <pre>{@code
         * .redact(message -> message.replaceAll("[0-9]{12,19}", "…"))
         * }</pre>
         *
         * @param redaction returns the text to write; it may be given a text that it returned before. If it throws,
         *     nothing of the message is written
         */
        @CanIgnoreReturnValue
        public Builder<I, R> redact(UnaryOperator<String> redaction) {
            this.redaction = Preconditions.notNull(redaction, "redaction");
            return this;
        }

        /**
         * Has the input remembered: it is stored with the claim, in the claim's own commit, so that whoever deals with
         * the key later has it, though the caller is gone. A probe and a run get it by {@link Attempt#input}, rows by
         * {@link Completion#input()}, and a {@link Reconciler} runs an action again whose recovery is
         * {@link Recovery#rerun()}. Without this nothing is stored of an input but its fingerprint.
         *
         * <p>What is kept is the input of the first claim of a key's life, for as long as the record; the fingerprint
         * declares every later one equal to it. An input that cannot be encoded, or has more than
         * {@link #maxResultBytes} bytes, is refused by the call, before anything is run; also where the key is finished
         * already, which only its claim finds out.
         *
         * @param codec encodes the inputs; wrap it with {@link EncryptedCodec} to encrypt them at rest
         */
        @CanIgnoreReturnValue
        public Builder<I, R> remembering(ResultCodec<I> codec) {
            this.inputCodec = Preconditions.notNull(codec, "codec");
            return this;
        }

        /**
         * Declares the rows that belong to a result. They are written in the transaction that makes the record
         * COMPLETED, by whatever path the result comes: the run, also a late one, a probe, a reconciler, or
         * {@link ToolGate#resolve}. So there are rows exactly where there is a result, once a key and life.
         *
         * <pre>{@code
         * .storing(Connection.class, (connection, completion) ->
         *         orders.markPaid(connection, completion.id().key(), completion.result()))
         * }</pre>
         *
         * <p>The writer must be short, and must not end the transaction. It is called again where the transaction was
         * rolled back by a collision or a broken connection, so it must have no effect beside its rows. If it throws,
         * neither rows nor result are stored: the record is in doubt with the code {@link Failure.Codes#ROWS_FAILED},
         * until a later attempt of the action's recovery, or an operator, completes it with its rows. It is called also
         * for a result that cannot be encoded, and so is stored as unavailable.
         *
         * @param connection the type of the connection, which the gate's store must offer: {@code java.sql.Connection}
         *     or Jdbi's {@code Handle} for the JDBC store. A store that does not is refused by each call, before
         *     anything is run
         */
        @CanIgnoreReturnValue
        public <C> Builder<I, R> storing(Class<C> connection, RowWriter<? super C, I, R> writer) {
            this.rows = new StoredRows<>(
                    Preconditions.notNull(connection, "connection"), Preconditions.notNull(writer, "writer"));
            return this;
        }

        /** Sets how long a claim holds without a heartbeat, at least 1 ms. Default 30 s. */
        @CanIgnoreReturnValue
        public Builder<I, R> lease(Duration lease) {
            this.lease = Preconditions.positive(lease, "lease");
            return this;
        }

        /**
         * Sets the interval at which a lease is renewed during a run, at most a third of the lease. Default: a third.
         */
        @CanIgnoreReturnValue
        public Builder<I, R> heartbeat(Duration every) {
            this.heartbeat = Preconditions.positive(every, "heartbeat");
            return this;
        }

        /**
         * Sets how long a record is kept at least, counted from its end: its result, final failure or release. A record
         * in progress or in doubt is kept anyway. Not shorter than the lease and {@link #maxRunTime(Duration)}. Default
         * 7 days.
         */
        @CanIgnoreReturnValue
        public Builder<I, R> retention(Duration retention) {
            this.retention = Preconditions.positive(retention, "retention");
            return this;
        }

        /**
         * Sets how long the lease of one run is renewed, between the lease and the retention. After that the record
         * falls in doubt, although the run may continue. Default: an hour, or half the retention if that is shorter.
         */
        @CanIgnoreReturnValue
        public Builder<I, R> maxRunTime(Duration maxRunTime) {
            this.maxRunTime = Preconditions.positive(maxRunTime, "maxRunTime");
            return this;
        }

        /**
         * Sets the time limit of a probe. A probe that has not answered by then is interrupted and counts as unknown.
         * Default 30 s.
         */
        @CanIgnoreReturnValue
        public Builder<I, R> probeTimeout(Duration probeTimeout) {
            this.probeTimeout = Preconditions.positive(probeTimeout, "probeTimeout");
            return this;
        }

        /**
         * Sets after how many attempts of unknown effect a key is not {@linkplain Recovery#rerun() rerun} any more: it
         * is then in doubt until an operator resolves it. Attempts that certainly had no effect do not count, however
         * many there are, and neither do probes, which have no limit here. Default 5.
         */
        @CanIgnoreReturnValue
        public Builder<I, R> maxAttempts(int maxAttempts) {
            this.maxAttempts = Preconditions.atLeastOne(maxAttempts, "maxAttempts");
            return this;
        }

        /**
         * Sets the largest result, or remembered input, that is stored, in bytes after encoding and encryption. Default
         * 1 MiB.
         */
        @CanIgnoreReturnValue
        public Builder<I, R> maxResultBytes(int maxResultBytes) {
            this.maxResultBytes = Preconditions.atLeastOne(maxResultBytes, "maxResultBytes");
            return this;
        }

        /**
         * Builds the action.
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
                if (!JsonLibrary.isAvailable()) {
                    throw missing(
                            "fingerprint",
                            ".fingerprint(…), or put " + JsonLibrary.ARTIFACTS
                                    + " on the class path to use the default, Fingerprint.json()");
                }
                chosen = Fingerprint.json();
            }
            return new PaidAction<>(this, run, codec, chosen);
        }

        private void checkDurations() {
            if (heartbeat != null && heartbeat.compareTo(part(lease, 3)) > 0) {
                throw new IllegalArgumentException("heartbeat " + heartbeat + " is longer than a third of the lease "
                        + lease + ", so that two lost heartbeats could lose the lease: shorten it or leave it out");
            }
            if (retention.compareTo(lease) < 0) {
                throw new IllegalArgumentException("retention " + retention + " is shorter than the lease " + lease
                        + "; raise the retention or shorten the lease");
            }
            if (maxRunTime != null && maxRunTime.compareTo(lease) < 0) {
                throw new IllegalArgumentException("maxRunTime " + maxRunTime + " is shorter than the lease " + lease
                        + "; raise it or shorten the lease");
            }
            if (maxRunTime != null && maxRunTime.compareTo(retention) > 0) {
                throw new IllegalArgumentException("maxRunTime " + maxRunTime + " is longer than the retention "
                        + retention + "; raise the retention or shorten maxRunTime");
            }
        }

        private Duration effectiveMaxRunTime() {
            if (maxRunTime != null) {
                return maxRunTime;
            }
            // Half: a result is then kept for longer than its run took.
            Duration half = part(retention, 2);
            Duration shorter = half.compareTo(LONGEST_DEFAULT_RUN) < 0 ? half : LONGEST_DEFAULT_RUN;
            return shorter.compareTo(lease) < 0 ? lease : shorter;
        }

        private IllegalStateException missing(String part, String remedy) {
            return new IllegalStateException("action " + name + " has no " + part + "; add " + remedy);
        }
    }
}
