package io.toolgate.store.jdbc.internal.operation;

import static org.assertj.core.api.Assertions.assertThat;

import io.toolgate.store.Lease;
import io.toolgate.store.contract.Rule;
import io.toolgate.store.jdbc.TestRequests;
import io.toolgate.store.jdbc.internal.operation.PendingCompletions.Batch;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

class PendingCompletionsTest {
    private static final Duration PATIENCE = Duration.ofSeconds(30);

    private static Lease lease() {
        return new Lease(TestRequests.freshId(), TestRequests.token(), 1);
    }

    @Test
    void pendingCompletionsAreBoundedAndFailedOnesMakeRoom() {
        PendingCompletions completions = new PendingCompletions(2);
        Lease failed = lease();
        Lease open = lease();
        assertThat(completions.remember(failed)).isTrue();
        assertThat(completions.remember(open)).isTrue();
        assertThat(completions.remember(lease())).as("full").isFalse();
        assertThat(completions.remember(open)).as("known already").isTrue();
        completions.failed(failed);
        assertThat(completions.remember(lease())).isTrue();
        assertThat(completions.remembers(failed)).isFalse();
        assertThat(completions.remembers(open)).isTrue();
    }

    @Test
    @Rule(8)
    void anEarlierHeartbeatIsWaitedForAndLaterOnesAreSentApart() throws Exception {
        PendingCompletions completions = new PendingCompletions();
        Lease lease = lease();
        Lease other = lease();
        Batch sent = completions.begin(List.of(lease, other));
        assertThat(sent.usual()).containsExactly(lease, other);
        assertThat(completions.remember(lease)).isTrue();
        assertThat(completions.awaitEarlierHeartbeats(lease, Duration.ZERO)).isFalse();
        CompletableFuture<Boolean> waited =
                CompletableFuture.supplyAsync(() -> completions.awaitEarlierHeartbeats(lease, PATIENCE));
        try (Batch later = completions.begin(List.of(lease, other))) {
            assertThat(later.usual()).containsExactly(other);
            assertThat(later.open()).containsEntry(lease, PendingCompletions.ANY_WRITER);
            assertThat(waited).isNotDone();
            sent.close();
            assertThat(waited.get(30, TimeUnit.SECONDS)).isTrue();
        }
        completions.written(lease, "7");
        try (Batch last = completions.begin(List.of(lease))) {
            assertThat(last.open()).containsEntry(lease, "7");
        }
    }
}
