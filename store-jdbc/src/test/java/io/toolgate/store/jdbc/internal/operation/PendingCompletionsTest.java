package io.toolgate.store.jdbc.internal.operation;

import static org.assertj.core.api.Assertions.assertThat;

import io.toolgate.store.Lease;
import io.toolgate.store.contract.Rule;
import io.toolgate.store.jdbc.TestRequests;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class PendingCompletionsTest {
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
    void heartbeatsOfRememberedLeasesNameTheTransactionThatWroteLast() {
        PendingCompletions completions = new PendingCompletions();
        Lease lease = lease();
        Lease other = lease();
        assertThat(completions.writers(List.of(lease, other))).isEmpty();
        assertThat(completions.remember(lease)).isTrue();
        assertThat(completions.writers(List.of(lease, other))).isEqualTo(Map.of(lease, PendingCompletions.ANY_WRITER));
        completions.written(lease, "7", false);
        assertThat(completions.writers(List.of(lease, other))).isEqualTo(Map.of(lease, "7"));
        completions.forget(lease);
        assertThat(completions.writers(List.of(lease, other))).isEmpty();
    }
}
