package io.toolgate.store.jdbc.internal.sqlite;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.toolgate.store.ClaimOutcome.Busy;
import io.toolgate.store.Lease;
import io.toolgate.store.StoreException;
import io.toolgate.store.contract.Rule;
import io.toolgate.store.jdbc.Backend;
import io.toolgate.store.jdbc.JdbcIdempotencyStore;
import io.toolgate.store.jdbc.TestRequests;
import io.toolgate.store.jdbc.internal.sql.StoreClock;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import javax.sql.DataSource;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A SQLite store's clock is the kernel's, whatever the wall clocks of its processes say. */
class BootClockTest {
    private static final Instant NOW = Instant.parse("2026-03-01T12:00:00Z");

    @TempDir
    Path directory;

    private Path proc;
    private Backend backend;
    private DataSource store;

    @BeforeEach
    void open() throws IOException {
        proc = directory.resolve("proc");
        Files.createDirectories(proc.resolve("sys/kernel/random"));
        backend = Backend.sqlite(directory);
        backend.run("UPDATE tg_store_info SET clock_boot_id = NULL, clock_offset_millis = NULL, created_at = "
                + NOW.minus(Duration.ofDays(30)).toEpochMilli());
        store = backend.dataSource();
        boot("first-boot");
        uptime("100.00");
    }

    private void boot(String id) throws IOException {
        Files.writeString(proc.resolve("sys/kernel/random/boot_id"), id + "\n");
    }

    private void uptime(String seconds) throws IOException {
        Files.writeString(proc.resolve("uptime"), seconds + " 1234.56\n");
    }

    private StoreClock clock(Instant wall) throws SQLException {
        try (Connection connection = store.getConnection()) {
            return BootClock.open(connection, proc, InstantSource.fixed(wall));
        }
    }

    @Test
    void readingTheTimeWritesNothing() throws IOException, SQLException {
        InstantSource wrong = InstantSource.fixed(NOW.plus(Duration.ofDays(400)));
        assertThat(BootClock.openReadOnly(store, proc, InstantSource.fixed(NOW)).now())
                .isEqualTo(NOW);
        assertThat(backend.one("SELECT count(*) FROM tg_store_info WHERE clock_boot_id IS NULL"))
                .isEqualTo("1");
        assertThat(clock(NOW).now()).isEqualTo(NOW);
        uptime("110.25");
        assertThat(BootClock.openReadOnly(store, proc, wrong).now()).isEqualTo(NOW.plusMillis(10_250));
        boot("second-boot");
        uptime("5.00");
        assertThat(BootClock.openReadOnly(store, proc, InstantSource.fixed(NOW.plusSeconds(60)))
                        .now())
                .isEqualTo(NOW.plusSeconds(60));
        assertThat(backend.one("SELECT clock_boot_id FROM tg_store_info")).isEqualTo("first-boot");
    }

    @Test
    @Rule(7)
    void theFirstProcessAfterABootSetsTheTimeAndAWrongWallClockLaterChangesNothing() throws IOException, SQLException {
        StoreClock first = clock(NOW);
        assertThat(first.now()).isEqualTo(NOW);
        uptime("110.25");
        StoreClock wrong = clock(NOW.plus(Duration.ofHours(5)));
        assertThat(first.now()).isEqualTo(NOW.plusMillis(10_250));
        assertThat(wrong.now()).isEqualTo(NOW.plusMillis(10_250));
        assertThat(clock(NOW.minus(Duration.ofDays(400))).now()).isEqualTo(NOW.plusMillis(10_250));
    }

    @Test
    @Rule(7)
    void anotherBootBeginsAnewAndNeverBehindWhatTheStoreHasSeen() throws IOException, SQLException {
        StoreClock before = clock(NOW);
        uptime("5000.00");
        Instant lastSeen = before.now();
        backend.run("INSERT INTO tg_idempotency (record_id, tenant, action, idempotency_key, status, fence, version,"
                + " claim_token, owner, lease_until, fingerprint, result, result_codec, failure_code, failure_message,"
                + " created_at, updated_at, expires_at)"
                + " VALUES (randomblob(16), 't', 'a', 'k', 'IN_PROGRESS', 1, 1, randomblob(16),"
                + " 'o', " + lastSeen.plusSeconds(3600).toEpochMilli()
                + ", randomblob(32), NULL, NULL, NULL, NULL, "
                + lastSeen.toEpochMilli() + ", " + lastSeen.toEpochMilli() + ", "
                + lastSeen.plusSeconds(7200).toEpochMilli() + ")");
        boot("second-boot");
        uptime("3.00");
        // The machine lost its clock while it was off.
        StoreClock after = clock(Instant.EPOCH);
        assertThat(after.now()).isEqualTo(lastSeen);
        boot("third-boot");
        uptime("2.00");
        Instant right = lastSeen.plus(Duration.ofDays(2));
        assertThat(clock(right).now()).isEqualTo(right);
        boot("fourth-boot");
        uptime("1.00");
        backend.run("DELETE FROM tg_idempotency");
        assertThat(clock(Instant.EPOCH).now())
                .as("without a record: not behind the boot before")
                .isAfterOrEqualTo(right.minusSeconds(2));
    }

    @Test
    @Rule(7)
    void theSecondProcessAfterABootUsesTheTimeThatTheFirstSet() throws IOException, SQLException {
        StoreClock first = clock(NOW);
        boot("second-boot");
        uptime("1.00");
        StoreClock second = clock(NOW.plusSeconds(60));
        StoreClock third = clock(NOW.plusSeconds(90_000));
        assertThat(third.now()).isEqualTo(second.now()).isEqualTo(NOW.plusSeconds(60));
        assertThat(first.granularityMillis()).isEqualTo(10);
    }

    @Test
    @Rule(7)
    void aContainerWithAnUptimeOfItsOwnIsRefused() throws IOException, SQLException {
        uptime("900000.00");
        StoreClock host = clock(NOW);
        backend.run("UPDATE tg_store_info SET created_at = " + host.nowMillis());
        uptime("60.00");
        assertThatThrownBy(() -> clock(NOW))
                .isInstanceOf(StoreException.Misconfigured.class)
                .hasMessageContaining("899940 s ahead")
                .hasMessageContaining("lxcfs");
    }

    @Test
    void withoutTheKernelsFilesTheWallClockIsUsed() throws IOException, SQLException {
        Files.delete(proc.resolve("uptime"));
        StoreClock clock = clock(NOW);
        assertThat(clock.now()).isEqualTo(NOW);
        assertThat(clock.granularityMillis()).isZero();
        assertThat(backend.one("SELECT clock_boot_id FROM tg_store_info")).isEqualTo("null");
    }

    @Test
    void anInvalidTimeIsAnOutage() throws IOException, SQLException {
        uptime("soon");
        assertThatThrownBy(() -> clock(NOW))
                .isInstanceOf(StoreException.Unavailable.class)
                .hasMessageContaining("Expected the time since boot");
    }

    @Test
    @Rule(7)
    void theBootClockAgreesWithTheWallClockOfTheFirstProcess() throws SQLException {
        StoreClock clock;
        try (Connection connection = store.getConnection()) {
            clock = BootClock.open(connection);
        }
        assertThat(clock.nowMillis()).isCloseTo(System.currentTimeMillis(), within(1000L));
        Thread.currentThread().interrupt();
        try {
            assertThat(clock.nowMillis()).as("read by an interrupted thread").isPositive();
        } finally {
            assertThat(Thread.interrupted()).isTrue();
        }
    }

    @Test
    @Rule(1)
    void aLeaseIsNeverShorterThanItsOwnerThinksHoweverCoarseTheClock() throws SQLException {
        backend.run("UPDATE tg_store_info SET clock_boot_id = NULL, clock_offset_millis = NULL");
        try (JdbcIdempotencyStore first = backend.builder().open()) {
            Lease lease = TestRequests.acquired(first, TestRequests.hold(TestRequests.freshId()));
            var record = first.peek(lease.id()).orElseThrow();
            assertThat(Duration.between(record.updatedAt(), record.leaseUntil()))
                    .isEqualTo(TestRequests.LEASE.plusMillis(11));
            assertThat(first.claim(TestRequests.take(lease.id()))).isInstanceOf(Busy.class);
        }
    }
}
