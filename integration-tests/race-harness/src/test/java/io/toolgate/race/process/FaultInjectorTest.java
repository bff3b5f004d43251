package io.toolgate.race.process;

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

/** Faults done to racers that get ready, read their orders, and never do any work. */
@Timeout(60)
class FaultInjectorTest {
    private static final int LEASE_MILLIS = 100;

    @TempDir
    Path directory;

    private DeedLog deeds;
    private RacerGroup group;

    @BeforeEach
    void start() throws Exception {
        deeds = DeedLog.create(directory.resolve("deeds"));
        group = new RacerGroup(this::idle, directory, 1, Duration.ofSeconds(2), deeds);
        group.start(1);
        group.start(2);
        group.awaitReady();
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
        group.close();
        deeds.close();
    }

    private FaultInjector injector() {
        FaultPlan plan = new FaultPlan(Set.of(Fault.Kind.FREEZE), List.of(), 1);
        return new FaultInjector(plan, group, new RacerClocks(null, directory), deeds, 10, LEASE_MILLIS);
    }

    @Test
    void workThatFillsThePipeOfAFrozenRacerIsGivenWhenItIsThawed() throws Exception {
        group.send(new Work(0, List.of("key")));
        List<String> keys = IntStream.range(0, 50_000).mapToObj(i -> "key-" + i).toList();
        CountDownLatch given = new CountDownLatch(20);
        try (FaultInjector injector = injector()) {
            injector.start();
            Thread giver = new Thread(() -> {
                for (int wave = 1; wave <= 20; wave++) {
                    group.send(new Work(wave, keys));
                    given.countDown();
                }
            });
            giver.setDaemon(true);
            giver.start();
            assertThat(given.await(30, TimeUnit.SECONDS)).isTrue();
            injector.stop();
        }
    }

    @Test
    void whatIsFrozenGoesOnWhenTheFaultsAreOver() throws Exception {
        group.send(new Work(0, List.of("key")));
        try (FaultInjector injector = injector()) {
            injector.start();
            boolean unused = group.awaitBusy(0, calls -> {});
            injector.stop();
        }
        assertThat(count(Deed.Frozen.class)).isPositive().isEqualTo(count(Deed.Thawed.class));
        assertThat(group.mishaps()).isEmpty();
        assertThat(deeds.all().get(deeds.all().size() - 1)).isInstanceOf(Deed.Calmed.class);
    }

    private long count(Class<? extends Deed> type) {
        return deeds.all().stream().filter(type::isInstance).count();
    }
}
