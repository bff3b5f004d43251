package io.toolgate.store.contract;

import static org.assertj.core.api.Assertions.assertThat;

import io.toolgate.store.IdempotencyStore;
import io.toolgate.store.Lease;
import io.toolgate.store.TransitionOutcome;
import io.toolgate.store.TransitionOutcome.AlreadyApplied;
import io.toolgate.store.TransitionOutcome.Applied;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.function.BiConsumer;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;

/** Base of the groups that race callers over two stores on one database. */
abstract class RaceRules extends Rules {
    static final int ROUNDS = 20;

    final int runners;
    private Race race;
    private IdempotencyStore[] stores;

    RaceRules(int runners) {
        this.runners = runners;
    }

    @BeforeEach
    void openRace() {
        race = new Race(runners);
        stores = new IdempotencyStore[] {store(), other()};
    }

    @AfterEach
    void closeRace() {
        race.close();
    }

    /** A call of one runner, on its store. */
    interface RunnerCall<T> {
        T call(int runner, IdempotencyStore store) throws Exception;
    }

    /** Lets all runners call at once, half of them on each store, and returns their answers in order. */
    <T> List<T> raceAll(RunnerCall<T> call) throws Exception {
        List<Callable<T>> calls = new ArrayList<>();
        for (int i = 0; i < runners; i++) {
            int runner = i;
            calls.add(() -> call.call(runner, stores[runner % stores.length]));
        }
        return race.run(calls);
    }

    /** Races two calls and passes both answers to the check. */
    <A, B> void duel(Callable<A> one, Callable<B> two, BiConsumer<A, B> check) throws Exception {
        List<Object> answers = race.<Object>run(List.of(one, two));
        @SuppressWarnings("unchecked")
        A first = (A) answers.get(0);
        @SuppressWarnings("unchecked")
        B second = (B) answers.get(1);
        check.accept(first, second);
    }

    /** A lease of a record of its own for each round, all of which have expired. */
    List<Lease> expiredLeases() {
        List<Lease> leases = new ArrayList<>();
        for (int round = 0; round < ROUNDS; round++) {
            leases.add(own(freshId()));
        }
        expireLease();
        return leases;
    }

    /** The one runner whose outcome is a {@code winning} one. */
    static int winner(List<?> outcomes, Class<?> winning) {
        List<Integer> winners = IntStream.range(0, outcomes.size())
                .filter(runner -> winning.isInstance(outcomes.get(runner)))
                .boxed()
                .toList();
        assertThat(winners).as("winners of %s", outcomes).hasSize(1);
        return winners.get(0);
    }

    /** Asserts that one runner made the transition, and that to all others it was applied already. */
    void oneTransition(List<TransitionOutcome> outcomes) {
        assertThat(outcomes.stream().filter(Applied.class::isInstance)).hasSize(1);
        assertThat(outcomes.stream().filter(AlreadyApplied.class::isInstance)).hasSize(runners - 1);
    }
}
