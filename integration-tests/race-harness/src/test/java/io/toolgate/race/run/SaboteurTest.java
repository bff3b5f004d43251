package io.toolgate.race.run;

import static org.assertj.core.api.Assertions.assertThat;

import io.toolgate.race.fault.Fault;
import io.toolgate.race.fault.FaultPlan;
import io.toolgate.race.history.Deed;
import io.toolgate.race.racer.Work;
import io.toolgate.support.process.Child;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Faults done to racers that get ready, read what they are told, and never do any work. */
@Timeout(60)
class SaboteurTest {
    private static final int LEASE_MILLIS = 100;

    @TempDir
    Path directory;

    private DeedLog deeds;
    private Crew crew;

    @BeforeEach
    void start() throws Exception {
        deeds = DeedLog.create(directory.resolve("deeds"));
        crew = new Crew(this::idle, directory, 1, Duration.ofSeconds(2), deeds);
        crew.start(1);
        crew.start(2);
        crew.awaitReady();
    }

    private Child idle(int process, int life, Path history, Child.Listener listener) throws IOException {
        return Child.start(
                "idle-" + process,
                List.of("/bin/sh", "-c", "echo ready; exec cat > /dev/null"),
                directory.resolve("log"),
                listener);
    }

    @AfterEach
    void end() throws IOException {
        crew.close();
        deeds.close();
    }

    private Saboteur saboteur() {
        FaultPlan plan = new FaultPlan(Set.of(Fault.Kind.FREEZE), List.of(), 1);
        return new Saboteur(plan, crew, new Clocks(null, directory), deeds, 10, LEASE_MILLIS);
    }

    @Test
    void workThatFillsThePipeOfAFrozenRacerIsGivenWhenItIsThawed() throws Exception {
        crew.give(new Work(0, List.of("key")));
        List<String> keys = IntStream.range(0, 50_000).mapToObj(i -> "key-" + i).toList();
        CountDownLatch given = new CountDownLatch(20);
        try (Saboteur saboteur = saboteur()) {
            saboteur.start();
            Thread giver = new Thread(() -> {
                for (int wave = 1; wave <= 20; wave++) {
                    crew.give(new Work(wave, keys));
                    given.countDown();
                }
            });
            giver.setDaemon(true);
            giver.start();
            assertThat(given.await(30, TimeUnit.SECONDS)).isTrue();
            saboteur.stop();
        }
    }

    @Test
    void whatIsFrozenGoesOnWhenTheFaultsAreOver() throws Exception {
        crew.give(new Work(0, List.of("key")));
        try (Saboteur saboteur = saboteur()) {
            saboteur.start();
            boolean unused = crew.awaitBusy(0, calls -> {});
            saboteur.stop();
        }
        assertThat(count(Deed.Frozen.class)).isPositive().isEqualTo(count(Deed.Thawed.class));
        assertThat(crew.mishaps()).isEmpty();
        assertThat(deeds.all().get(deeds.all().size() - 1)).isInstanceOf(Deed.Calmed.class);
    }

    private long count(Class<? extends Deed> type) {
        return deeds.all().stream().filter(type::isInstance).count();
    }
}
