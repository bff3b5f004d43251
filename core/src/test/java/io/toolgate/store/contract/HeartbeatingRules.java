package io.toolgate.store.contract;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.toolgate.store.IdempotencyRecord;
import io.toolgate.store.Lease;
import io.toolgate.store.RecordId;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** What a heartbeat renews, and what it never revives. */
abstract class HeartbeatingRules extends Rules {

    @Test
    @Rule(1)
    void aHeartbeatRenewsTheLeaseFromItsOwnTime() {
        Lease lease = own(freshId());
        advance(LEASE.minus(TOLERANCE));
        assertThat(store().heartbeat(List.of(lease), LEASE)).containsExactly(lease);
        advance(TOLERANCE.plus(MOMENT));
        assertThat(busy(other().claim(claimOf(lease.id()).taking().request())).remaining())
                .isBetween(LEASE.minus(TOLERANCE).minus(TOLERANCE), LEASE.minus(TOLERANCE));
    }

    @Test
    @Rule(1)
    void aHeartbeatMaySetAnotherLengthThanTheClaim() {
        Lease lease = own(freshId());
        assertThat(other().heartbeat(List.of(lease), Duration.ofMinutes(5))).containsExactly(lease);
        expireLease();
        busy(store().claim(claimOf(lease.id()).taking().request()));
        assertThat(store().heartbeat(List.of(lease), Duration.ofSeconds(5))).containsExactly(lease);
        advance(Duration.ofSeconds(6));
        acquired(store().claim(claimOf(lease.id()).taking().request()));
    }

    @Test
    @Rule(1)
    void aHeartbeatOfNoLengthOrAnEndlessOneIsRefused() {
        Lease lease = own(freshId());
        for (Duration length : List.of(
                Duration.ZERO,
                Duration.ofNanos(1),
                Duration.ofSeconds(-1),
                Duration.ofDays(36_600),
                Duration.ofSeconds(Long.MAX_VALUE))) {
            changesNothing(
                    lease.id(),
                    () -> assertThatThrownBy(() -> store().heartbeat(List.of(lease), length))
                            .as("a heartbeat for %s", length)
                            .isInstanceOf(IllegalArgumentException.class)
                            .hasMessageContaining("lease is " + length));
        }
    }

    @Test
    @Rule(4)
    void aHeartbeatMakesNoVersion() {
        Lease lease = own(freshId());
        IdempotencyRecord before = stored(lease.id());
        assertThat(store().heartbeat(List.of(lease), Duration.ofMinutes(10))).containsExactly(lease);
        IdempotencyRecord after = stored(lease.id());
        assertThat(after.version()).isEqualTo(before.version());
        assertThat(after.fence()).isEqualTo(before.fence());
        assertThat(after.updatedAt()).isEqualTo(before.updatedAt());
        assertThat(after.createdAt()).isEqualTo(before.createdAt());
        assertThat(after.expiresAt()).isEqualTo(before.expiresAt());
        assertThat(after.leaseUntil()).isAfter(before.leaseUntil());
    }

    @Test
    @Rule(4)
    void anEndedLeaseThatWasNotTakenOverIsRenewed() {
        Lease lease = own(freshId());
        expireLease();
        assertThat(store().heartbeat(List.of(lease), LEASE)).containsExactly(lease);
        busy(other().claim(claimOf(lease.id()).taking().request()));
        applied(store().complete(lease, text("in time after all")));
    }

    @Test
    @Rule(4)
    void aHeartbeatNeverRevivesALostLease() {
        Lease lease = own(freshId());
        expireLease();
        acquired(other().claim(claimOf(lease.id()).taking().request()));
        changesNothing(
                lease.id(),
                () -> assertThat(store().heartbeat(List.of(lease), LEASE)).isEmpty());
    }

    @Test
    @Rule(4)
    void aHeartbeatNeverRevivesADoubtfulOrEndedLease() {
        for (Lease lease : List.of(
                failed(freshId(), TIMED_OUT),
                failed(freshId(), NOT_SENT),
                failed(freshId(), DECLINED),
                completed(freshId(), text("receipt")))) {
            changesNothing(
                    lease.id(),
                    () -> assertThat(store().heartbeat(List.of(lease), LEASE)).isEmpty());
        }
        Lease vanished = own(freshId());
        expireLease();
        inDoubt(other().claim(claimOf(vanished.id()).request()));
        changesNothing(
                vanished.id(),
                () -> assertThat(store().heartbeat(List.of(vanished), LEASE)).isEmpty());
    }

    @Test
    @Rule(4)
    void aHeartbeatOfAnotherTokenOrOfNoRecordRenewsNothing() {
        Lease lease = own(freshId());
        Lease forged = new Lease(lease.id(), claimOf(lease.id()).request().token(), lease.fence());
        Lease unknown = new Lease(freshId(), lease.token(), 1);
        changesNothing(
                lease.id(),
                () -> assertThat(store().heartbeat(List.of(forged, unknown), LEASE))
                        .isEmpty());
        assertThat(fixture().stored(unknown.id())).isEmpty();
    }

    @Test
    @Rule(4)
    void oneHeartbeatReturnsTheOwnedLeasesOnly() {
        Lease live = own(freshId());
        Lease done = completed(freshId(), text("receipt"));
        Lease lost = own(freshId());
        Lease late = own(freshId());
        expireLease();
        Lease taker =
                acquired(other().claim(claimOf(lost.id()).taking().request())).lease();
        Lease unknown = new Lease(freshId(), live.token(), 1);

        Set<Lease> owned = store().heartbeat(List.of(live, done, lost, taker, late, unknown), LEASE);
        assertThat(owned).containsExactlyInAnyOrder(live, taker, late);
        busy(store().claim(claimOf(live.id()).taking().request()));
        busy(store().claim(claimOf(late.id()).taking().request()));
        assertThat(stored(done.id()).result()).isEqualTo(text("receipt"));
    }

    @Test
    @Rule(4)
    void oneHeartbeatRenewsManyLeases() {
        List<Lease> leases = new ArrayList<>();
        for (int i = 0; i < 300; i++) {
            leases.add(own(freshId()));
        }
        advance(LEASE.minus(MOMENT));
        assertThat(store().heartbeat(leases, LEASE)).containsExactlyInAnyOrderElementsOf(leases);
        advance(MOMENT.plus(MOMENT));
        for (RecordId id : List.of(leases.get(0).id(), leases.get(299).id())) {
            busy(other().claim(claimOf(id).taking().request()));
        }
    }

    @Test
    @Rule(4)
    void aHeartbeatOfNoLeaseRenewsNothing() {
        assertThat(store().heartbeat(List.of(), LEASE)).isEmpty();
        Lease lease = own(freshId());
        assertThat(store().heartbeat(List.of(lease, lease), LEASE)).containsExactly(lease);
    }
}
