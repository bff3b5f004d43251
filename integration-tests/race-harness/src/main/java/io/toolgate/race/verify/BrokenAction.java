package io.toolgate.race.verify;

import io.toolgate.Attempt;
import io.toolgate.Failure;
import io.toolgate.Fingerprint;
import io.toolgate.IdempotencyKey;
import io.toolgate.Outcome;
import io.toolgate.PaidAction;
import io.toolgate.Recovery;
import io.toolgate.ResultCodec;
import io.toolgate.ToolGate;
import io.toolgate.race.action.ActionTerms;
import io.toolgate.race.action.Order;
import io.toolgate.race.action.PaymentDeclinedException;
import io.toolgate.race.action.Payments;
import io.toolgate.race.action.RaceAction;
import io.toolgate.race.checker.Terms;
import io.toolgate.race.racer.RuntimeUnderTest;
import io.toolgate.store.RecordId;
import java.io.IOException;
import java.time.Duration;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Broken runtimes that mishandle the action, its failures, its recovery or its callers. */
public final class BrokenAction {
    private BrokenAction() {}

    /** Releases the key on any exception of the action. */
    public static final class ReleasedOnAnyException implements RuntimeUnderTest {
        /** Made by name. */
        public ReleasedOnAnyException() {}

        @Override
        public RaceAction<?, ?> action(RaceAction<?, ?> action) {
            return releasing(action);
        }

        private static <I extends @Nullable Object, R extends @Nullable Object> RaceAction<I, R> releasing(
                RaceAction<I, R> action) {
            return new Around<>(action) {
                @Override
                public PaidAction<I, R> action(ActionTerms terms, Payments payments) {
                    return rebuilt(super.action(terms, payments), terms)
                            .classify(Failure::notExecuted)
                            .build();
                }
            };
        }
    }

    /** Reruns a record of unknown effect although its action declares to hold. */
    public static final class RerunsWithoutProbe implements RuntimeUnderTest {
        /** Made by name. */
        public RerunsWithoutProbe() {}

        @Override
        public RaceAction<?, ?> action(RaceAction<?, ?> action) {
            return rerunning(action);
        }

        private static <I extends @Nullable Object, R extends @Nullable Object> RaceAction<I, R> rerunning(
                RaceAction<I, R> action) {
            return new Around<>(action) {
                @Override
                public PaidAction<I, R> action(ActionTerms terms, Payments payments) {
                    return super.action(new ActionTerms(terms.name(), Terms.Recovery.RERUN, terms.lease()), payments);
                }
            };
        }
    }

    /** Answers every probe "not happened" without a query to the provider. */
    public static final class NeverProbes implements RuntimeUnderTest {
        /** Made by name. */
        public NeverProbes() {}

        @Override
        public RaceAction<?, ?> action(RaceAction<?, ?> action) {
            return ignorant(action);
        }

        private static <I extends @Nullable Object, R extends @Nullable Object> RaceAction<I, R> ignorant(
                RaceAction<I, R> action) {
            return new Around<>(action) {
                @Override
                public PaidAction<I, R> action(ActionTerms terms, Payments payments) {
                    return super.action(terms, new Payments() {
                        @Override
                        public byte[] charge(Attempt attempt, Order order)
                                throws IOException, PaymentDeclinedException {
                            return payments.charge(attempt, order);
                        }

                        @Override
                        public Optional<byte[]> lookup(Attempt attempt) {
                            return Optional.empty();
                        }

                        @Override
                        public String receipt(byte[] receipt) {
                            return payments.receipt(receipt);
                        }
                    });
                }
            };
        }
    }

    /** Treats all inputs as equal, so that a call replays the result of another input. */
    public static final class ReplaysAnotherInput implements RuntimeUnderTest {
        /** Made by name. */
        public ReplaysAnotherInput() {}

        @Override
        public RaceAction<?, ?> action(RaceAction<?, ?> action) {
            return blind(action);
        }

        private static <I extends @Nullable Object, R extends @Nullable Object> RaceAction<I, R> blind(
                RaceAction<I, R> action) {
            return new Around<>(action) {
                @Override
                public PaidAction<I, R> action(ActionTerms terms, Payments payments) {
                    return rebuilt(super.action(terms, payments), terms)
                            .fingerprint(Fingerprint.none())
                            .build();
                }
            };
        }
    }

    /** Repeats a call that is answered "in progress", without a limit. */
    public static final class WaitsForEver implements RuntimeUnderTest {
        /** Made by name. */
        public WaitsForEver() {}

        @Override
        public <I extends @Nullable Object, R extends @Nullable Object> Outcome<R> execute(
                ToolGate gate, PaidAction<I, R> action, IdempotencyKey key, I input) {
            Outcome<R> outcome = gate.execute(action, key, input);
            while (outcome instanceof Outcome.InProgress) {
                outcome = gate.execute(action, key, input);
            }
            return outcome;
        }
    }

    /** Runs the action on every call, without a gate. */
    public static final class NoGate implements RuntimeUnderTest {
        /** Made by name. */
        public NoGate() {}

        @Override
        public <I extends @Nullable Object, R extends @Nullable Object> Outcome<R> execute(
                ToolGate gate, PaidAction<I, R> action, IdempotencyKey key, I input) {
            try {
                R result = action.run().run(input, new Alone(key.in(action.name())));
                return new Outcome.Completed<>(result, Outcome.Origin.EXECUTED);
            } catch (Exception e) {
                throw new IllegalStateException(e);
            }
        }

        /** An attempt without a record or a store. */
        private record Alone(RecordId id) implements Attempt {
            @Override
            public String tenant() {
                return id.tenant();
            }

            @Override
            public String action() {
                return id.action();
            }

            @Override
            public String key() {
                return id.key();
            }

            @Override
            public long number() {
                return 1;
            }

            @Override
            public String providerKey() {
                return id.providerKey().toString();
            }

            @Override
            public String providerKey(String step) {
                return id.providerKey(0, step).toString();
            }

            @Override
            public Duration remaining() {
                return Duration.ofDays(1);
            }

            @Override
            public boolean isOwner() {
                return true;
            }

            @Override
            public void ensureOwner() {}

            @Override
            public void checkpoint(String name, byte[] value) {}

            @Override
            public Optional<byte[]> checkpoint(String name) {
                return Optional.empty();
            }

            @Override
            public <T extends @Nullable Object> T step(String name, ResultCodec<T> codec, Step<T> step)
                    throws Exception {
                return step.run();
            }

            @Override
            public <T> Optional<T> input(Class<T> type) {
                return Optional.empty();
            }

            @Override
            public <T extends @Nullable Object> T completeIn(Object connection, T value) {
                return value;
            }
        }
    }

    /** Decorator of an action that changes nothing by itself. */
    private static class Around<I extends @Nullable Object, R extends @Nullable Object> implements RaceAction<I, R> {
        private final RaceAction<I, R> action;

        Around(RaceAction<I, R> action) {
            this.action = action;
        }

        @Override
        public PaidAction<I, R> action(ActionTerms terms, Payments payments) {
            return action.action(terms, payments);
        }

        @Override
        public I input(Order order) {
            return action.input(order);
        }

        @Override
        public String receipt(R result) {
            return action.receipt(result);
        }

        /** Returns a builder of the same action, to be changed. */
        PaidAction.Builder<I, R> rebuilt(PaidAction<I, R> whole, ActionTerms terms) {
            Recovery<R> recovery = whole.recovery();
            return PaidAction.<I, R>named(whole.name())
                    .run(whole.run())
                    .codec(whole.codec())
                    .fingerprint(whole.fingerprint())
                    .recovery(recovery)
                    .classify(whole.classifier())
                    .lease(terms.lease())
                    .retention(whole.retention())
                    .maxAttempts(whole.maxAttempts());
        }
    }
}
