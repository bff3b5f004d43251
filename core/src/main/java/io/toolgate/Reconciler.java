package io.toolgate;

import com.google.errorprone.annotations.CanIgnoreReturnValue;
import io.toolgate.internal.base.Backoff;
import io.toolgate.internal.base.Preconditions;
import io.toolgate.internal.resolve.ReconcilePass;
import io.toolgate.internal.resolve.ReconcilerLoop;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;

/**
 * Finds, in the background, records whose effect is unknown, asks their actions' probes what really happened, and settles them:
 * what happened is completed, what did not is released for the next call, and what stays unknown stays in doubt, until it has
 * been asked about so often that it is <em>quarantined</em> for a person. Records of actions without a probe are put in doubt
 * once their leases have ended; nothing is run here, because a reconciler does not have the inputs.
 *
 * <pre>{@code
 * try (Reconciler reconciler = Reconciler.on(gate).action(charge).action(refund).start()) { … }
 * }</pre>
 *
 * <p>Each record is claimed before it is asked about, with the next fence: any number of reconcilers, in any number of
 * processes, settle each once. From that claim on its former owner's late result is refused, and told to the listener as
 * {@link ToolGateListener#staleResult}; until then it is accepted. A reconciler lives as long as its gate, at most. Safe for use
 * by many threads.
 */
public final class Reconciler implements AutoCloseable {
    /** The time between two rounds of a reconciler that is not told another. */
    public static final Duration DEFAULT_EVERY = Duration.ofMinutes(1);
    /** How long after the first ask about a record the second one comes, unless the reconciler is told otherwise. */
    public static final Duration DEFAULT_FIRST_BACKOFF = Duration.ofMinutes(1);
    /** The longest time between two asks about a record, unless the reconciler is told otherwise. */
    public static final Duration DEFAULT_LONGEST_BACKOFF = Duration.ofHours(1);
    /** How often a reconciler that is not told otherwise asks about a record. */
    public static final int DEFAULT_MAX_ASKS = 20;
    /** The most probes that a reconciler asks at a time. */
    public static final int MOST_PARALLEL_PROBES = 64;

    private final ReconcilerLoop loop;

    private Reconciler(ReconcilerLoop loop) {
        this.loop = loop;
    }

    /** Starts to build a reconciler that works through {@code gate}. */
    public static Builder on(ToolGate gate) {
        return new Builder(Preconditions.notNull(gate, "gate"));
    }

    /**
     * Makes a round now, on the calling thread, beside those in the background.
     *
     * @return what it came to; not complete if the thread was interrupted or the reconciler closed
     * @throws io.toolgate.store.StoreException if the store cannot tell which records there are
     * @throws ToolGateException.Closed if the reconciler, or its gate, is closed
     */
    @CanIgnoreReturnValue
    public ReconcileReport runOnce() {
        return loop.runOnce();
    }

    /** What the round that ended last came to; empty before the first has. */
    public Optional<ReconcileReport> lastReport() {
        return loop.lastReport();
    }

    /**
     * Stops: between records at once, and a probe that is being asked is interrupted, not waited for, its record left in doubt as
     * it was. Returns when the store has answered what it was asked last, or after 10 s. Idempotent; closes neither gate nor store.
     */
    @Override
    public void close() {
        loop.close();
    }

    /** Collects a reconciler's settings. Not safe for use by many threads. */
    public static final class Builder {
        private final ToolGate gate;
        private final List<PaidAction<?, ?>> actions = new ArrayList<>();
        private Duration every = DEFAULT_EVERY;
        private Duration olderThan = Duration.ZERO;
        private Backoff backoff = new Backoff(DEFAULT_FIRST_BACKOFF, DEFAULT_LONGEST_BACKOFF);
        private int maxAsks = DEFAULT_MAX_ASKS;
        private int parallelProbes = 1;
        private Consumer<ReconcileReport> onProgress = report -> {};
        private ReconcilerLoop.Pause pause = ReconcilerLoop.Pause.BY_CLOCK;

        private Builder(ToolGate gate) {
            this.gate = gate;
        }

        /** Whose records are reconciled; at least one. One walk a round serves all. */
        @CanIgnoreReturnValue
        public Builder action(PaidAction<?, ?> action) {
            Preconditions.notNull(action, "action");
            if (actions.stream().anyMatch(other -> other.name().equals(action.name()))) {
                throw new IllegalArgumentException(
                        "an action named " + action.name() + " is there already; give each action once");
            }
            actions.add(action);
            return this;
        }

        /**
         * The time between two rounds, 1 min without this; each is drawn from three to five quarters of it, and the first round
         * comes at any moment within it, so that several processes do not march in step.
         */
        @CanIgnoreReturnValue
        public Builder every(Duration every) {
            this.every = Preconditions.positive(every, "every");
            return this;
        }

        /** For how long a record must have been of unknown effect before anybody asks about it: zero without this. */
        @CanIgnoreReturnValue
        public Builder olderThan(Duration olderThan) {
            this.olderThan = Preconditions.notNegative(olderThan, "olderThan");
            return this;
        }

        /**
         * How long nobody asks again about a record of which the probe knew nothing: {@code first} after the first ask, twice as
         * long after each that follows, {@code longest} at most; 1 min and 1 h without this, by the store's clock.
         */
        @CanIgnoreReturnValue
        public Builder backoff(Duration first, Duration longest) {
            Preconditions.notNegative(first, "the first backoff");
            Preconditions.notNegative(longest, "the longest backoff");
            if (longest.compareTo(first) < 0) {
                throw new IllegalArgumentException("the longest backoff " + longest + " is shorter than the first, "
                        + first + "; raise it, or make both equal for a constant one");
            }
            this.backoff = new Backoff(first, longest);
            return this;
        }

        /** How often reconcilers ask about a record, counted together, before it is quarantined: 20 times without this. */
        @CanIgnoreReturnValue
        public Builder maxAsks(int maxAsks) {
            this.maxAsks = Preconditions.atLeastOne(maxAsks, "maxAsks");
            return this;
        }

        /** How many probes are asked at a time, 1 without this; each beside the first takes a thread. */
        @CanIgnoreReturnValue
        public Builder parallelProbes(int parallelProbes) {
            Preconditions.atLeastOne(parallelProbes, "parallelProbes");
            if (parallelProbes > MOST_PARALLEL_PROBES) {
                throw new IllegalArgumentException("parallelProbes is " + parallelProbes + "; it must be at most "
                        + MOST_PARALLEL_PROBES + ": run reconcilers in several processes for more");
            }
            this.parallelProbes = parallelProbes;
            return this;
        }

        /**
         * Who is told how far a round is, after each part of its walk, with what it has come to so far; the last time with its
         * end, if it came to one. What the consumer throws is logged and dropped; while it blocks, the round waits.
         */
        @CanIgnoreReturnValue
        public Builder onProgress(Consumer<ReconcileReport> onProgress) {
            this.onProgress = Preconditions.notNull(onProgress, "onProgress");
            return this;
        }

        /** What lets the time between rounds pass. */
        @CanIgnoreReturnValue
        Builder pause(ReconcilerLoop.Pause pause) {
            this.pause = pause;
            return this;
        }

        /**
         * The reconciler, at work in the background.
         *
         * @throws IllegalStateException if it has no action
         * @throws ToolGateException.Closed if the gate is closed
         */
        public Reconciler start() {
            if (actions.isEmpty()) {
                throw new IllegalStateException("the reconciler has no action; add .action(…) for each to look after");
            }
            ReconcilePass.Settings settings =
                    new ReconcilePass.Settings(actions, olderThan, backoff, maxAsks, parallelProbes, onProgress);
            return new Reconciler(gate.startReconciler(settings, every, pause));
        }
    }
}
