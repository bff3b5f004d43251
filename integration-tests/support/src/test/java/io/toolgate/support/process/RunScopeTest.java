package io.toolgate.support.process;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

class RunScopeTest {
    private final StringWriter complaints = new StringWriter();
    private final List<String> done = new ArrayList<>();
    private final RunScope scope = RunScope.open(new PrintWriter(complaints));

    @Test
    void whatCameLastGoesFirstAndOnce() {
        scope.onClose("a", () -> done.add("a"));
        scope.onClose("b", () -> done.add("b"));
        scope.close();
        scope.close();
        assertThat(done).containsExactly("b", "a");
    }

    @Test
    void aFailedCleanUpIsReportedAndStopsNoOther() {
        scope.onClose("a", () -> done.add("a"));
        scope.onClose("remove the rows", () -> {
            throw new IOException("permission denied");
        });
        scope.close();
        assertThat(done).containsExactly("a");
        assertThat(complaints.toString().lines()).containsExactly("could not remove the rows: permission denied");
    }

    @Test
    void whatComesTooLateIsTidiedUpAtOnce() {
        scope.close();
        assertThatThrownBy(() -> scope.onClose("a", () -> done.add("a"))).isInstanceOf(RunScope.ClosedException.class);
        assertThat(done).containsExactly("a");
    }

    @Test
    void whoClosesItWaitsForWhoIsClosingIt() throws Exception {
        CountDownLatch tidying = new CountDownLatch(1);
        CountDownLatch mayEnd = new CountDownLatch(1);
        scope.onClose("a", () -> {
            tidying.countDown();
            assertThat(mayEnd.await(30, TimeUnit.SECONDS)).isTrue();
            done.add("a");
        });
        ExecutorService threads = Executors.newFixedThreadPool(2);
        try {
            Future<?> first = threads.submit(scope::close);
            assertThat(tidying.await(30, TimeUnit.SECONDS)).isTrue();
            Future<List<String>> second = threads.submit(() -> {
                scope.close();
                return List.copyOf(done);
            });
            mayEnd.countDown();
            assertThat(second.get(30, TimeUnit.SECONDS)).containsExactly("a");
            assertThat(first.get(30, TimeUnit.SECONDS)).isNull();
        } finally {
            threads.shutdownNow();
        }
    }
}
