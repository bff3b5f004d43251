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
 * Background task that resolves records whose effect is unknown, by the probes of their actions: an effect that
 * happened completes the record, one that did not releases it for the next call, and an unknown one leaves it in doubt,
 * to be probed again after a backoff. A record that was probed too often without an answer is <em>quarantined</em> for
 * a person.
 *
 * <p>An action whose recovery is {@link Recovery#rerun()} is run again, if it {@linkplain
 * PaidAction.Builder#remembering remembers} its inputs: at once after its first attempt, then after the backoff, until
 * {@link PaidAction#maxAttempts()}. A run that hangs holds up a pass until {@link PaidAction#maxRunTime()}. Records of
 * other actions without a probe are put in doubt once their leases have ended.
 *
 * <pre>{@code
 * try (Reconciler reconciler = Reconciler.on(gate).action(charge).action(refund).start()) { … }
 * }</pre>
 *
 * <p>Each record is claimed, with the next fence, before it is probed, so that any number of reconcilers, in any number
 * of processes, resolve it once. A late result of the former owner is accepted until that claim; after it, the result
 * is refused and reported as {@link ToolGateListener#staleResult}. A reconciler stops when its gate is closed.
 * Thread-safe.
 */
public final class Reconciler implements AutoCloseable {
    /** The time between two passes unless {@link Builder#every} sets another. */
    public static final Duration DEFAULT_EVERY = Duration.ofMinutes(1);
    /** The backoff after the first probe of a record unless {@link Builder#backoff} sets another. */
    public static final Duration DEFAULT_FIRST_BACKOFF = Duration.ofMinutes(1);
    /** The longest backoff between two probes of a record unless {@link Builder#backoff} sets another. */
    public static final Duration DEFAULT_LONGEST_BACKOFF = Duration.ofHours(1);
    /** The number of probes before quarantine unless {@link Builder#maxProbes} sets another. */
    public static final int DEFAULT_MAX_PROBES = 20;
    /** The greatest number of probes that one reconciler makes at a time. */
    public static final int MAX_PARALLEL_PROBES = 64;

    private final ReconcilerLoop loop;

    private Reconciler(ReconcilerLoop loop) {
        this.loop = loop;
    }

    /** Returns a builder of a reconciler that works through {@code gate}. */
    public static Builder on(ToolGate gate) {
        return new Builder(Preconditions.notNull(gate, "gate"));
    }

    /**
     * Makes one pass now, on the calling thread, in addition to those in the background.
     *
     * @return the report of the pass; not complete if the thread was interrupted or the reconciler closed
     * @throws io.toolgate.store.StoreException if the store cannot list the records
     * @throws ToolGateException.Closed if the reconciler, or its gate, is closed
     */
    @CanIgnoreReturnValue
    public ReconcileReport runOnce() {
        return loop.runOnce();
    }

    /** Returns the report of the last pass that ended; empty before the first one has. */
    public Optional<ReconcileReport> lastReport() {
        return loop.lastReport();
    }

    /**
     * Stops the background passes: a running pass stops at its present record, whose probe is interrupted and leaves
     * the record in doubt. An action that is being run again is not interrupted: it goes on like the run of a call, and
     * the gate waits for it when it is closed. Returns when the last other call of the store has returned, or after
     * 10 s. Idempotent; closes neither gate nor store.
     */
    @Override
    public void close() {
        loop.close();
    }

    /** Builder of a reconciler. Not thread-safe. */
    public static final class Builder {
        private final ToolGate gate;
        private final List<PaidAction<?, ?>> actions = new ArrayList<>();
        private Duration every = DEFAULT_EVERY;
        private Duration olderThan = Duration.ZERO;
        private Backoff backoff = new Backoff(DEFAULT_FIRST_BACKOFF, DEFAULT_LONGEST_BACKOFF);
        private int maxProbes = DEFAULT_MAX_PROBES;
        private int parallelProbes = 1;
        private Consumer<ReconcileReport> onProgress = report -> {};
        private ReconcilerLoop.Pause pause = ReconcilerLoop.Pause.BY_CLOCK;

        private Builder(ToolGate gate) {
            this.gate = gate;
        }

        /**
         * Adds an action whose records are reconciled; at least one is required. One scan per pass serves all actions.
         */
        @CanIgnoreReturnValue
        public Builder action(PaidAction<?, ?> action) {
            Preconditions.notNull(action, "action");
            if (actions.stream().anyMatch(other -> other.name().equals(action.name()))) {
                throw new IllegalArgumentException(
                        "an action named " + action.name() + " was added before; add each action once");
            }
            actions.add(action);
            return this;
        }

        /**
         * Sets the time between two passes. Default 1 min. Each interval is drawn at random from 75 to 125 % of it, and
         * the first pass starts at a random moment within it, so that several processes do not run in step.
         */
        @CanIgnoreReturnValue
        public Builder every(Duration every) {
            this.every = Preconditions.positive(every, "every");
            return this;
        }

        /** Sets for how long a record's effect must have been unknown before it is reconciled. Default zero. */
        @CanIgnoreReturnValue
        public Builder olderThan(Duration olderThan) {
            this.olderThan = Preconditions.notNegative(olderThan, "olderThan");
            return this;
        }

        /**
         * Sets the backoff after a probe without an answer, or a repeated run of unknown effect: {@code first} after
         * the first one, doubled after each further one, up to {@code longest}, by the store's clock. Default 1 min and
         * 1 h.
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

        /** Sets how often a record is probed, by all reconcilers together, before it is quarantined. Default 20. */
        @CanIgnoreReturnValue
        public Builder maxProbes(int maxProbes) {
            this.maxProbes = Preconditions.atLeastOne(maxProbes, "maxProbes");
            return this;
        }

        /** Sets how many probes, or repeated runs, go on at a time; each beyond the first takes a thread. Default 1. */
        @CanIgnoreReturnValue
        public Builder parallelProbes(int parallelProbes) {
            Preconditions.atLeastOne(parallelProbes, "parallelProbes");
            if (parallelProbes > MAX_PARALLEL_PROBES) {
                throw new IllegalArgumentException("parallelProbes is " + parallelProbes + "; it must be at most "
                        + MAX_PARALLEL_PROBES + ": run reconcilers in several processes for more");
            }
            this.parallelProbes = parallelProbes;
            return this;
        }

        /**
         * Sets a consumer that receives the counts so far after each part of a pass, and the final report if the pass
         * completes. What it throws is logged and dropped; while it blocks, the pass waits.
         */
        @CanIgnoreReturnValue
        public Builder onProgress(Consumer<ReconcileReport> onProgress) {
            this.onProgress = Preconditions.notNull(onProgress, "onProgress");
            return this;
        }

        /** Sets the source of delays between passes, for tests. */
        @CanIgnoreReturnValue
        Builder pause(ReconcilerLoop.Pause pause) {
            this.pause = pause;
            return this;
        }

        /**
         * Starts the reconciler in the background.
         *
         * @throws IllegalStateException if it has no action
         * @throws ToolGateException.Closed if the gate is closed
         */
        public Reconciler start() {
            if (actions.isEmpty()) {
                throw new IllegalStateException(
                        "the reconciler has no action; add .action(…) for each one to reconcile");
            }
            ReconcilePass.Settings settings =
                    new ReconcilePass.Settings(actions, olderThan, backoff, maxProbes, parallelProbes, onProgress);
            return new Reconciler(gate.startReconciler(settings, every, pause));
        }
    }
}
