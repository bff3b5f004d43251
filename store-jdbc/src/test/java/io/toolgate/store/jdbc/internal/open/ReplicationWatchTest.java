package io.toolgate.store.jdbc.internal.open;

import static org.assertj.core.api.Assertions.assertThat;

import io.toolgate.TestLog;
import io.toolgate.store.jdbc.JdbcIdempotencyStore;
import io.toolgate.store.jdbc.TestPostgres;
import io.toolgate.store.jdbc.TestPostgres.TestDatabase;
import io.toolgate.store.jdbc.TestStandby;
import java.sql.SQLException;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.postgresql.ds.PGSimpleDataSource;

/** Which kinds of replication a store warns of, when, and how often. */
@Timeout(30)
class ReplicationWatchTest {
    private static final String WAITS_FOR_NONE = "waits for none of them";

    private final TestDatabase database = TestPostgres.migrated();
    private TestStandby standby;

    @BeforeEach
    void role() {
        database.run("CREATE ROLE limited LOGIN");
        database.run(TestPostgres.runtimeGrants("limited"));
    }

    @AfterEach
    void drop() throws SQLException {
        if (standby != null) {
            standby.close();
        }
        TestStandby.nameSynchronous("");
        database.drop();
        TestPostgres.admin().run("DROP ROLE limited");
    }

    private String logOfOpening() {
        String url = database.url().replace("user=postgres", "user=limited");
        return TestLog.of(() -> JdbcIdempotencyStore.open(url).close());
    }

    @Test
    void anAsynchronousStandbyIsWarnedOfThoughTheRoleMayNotSeeItsState() throws SQLException {
        assertThat(logOfOpening()).isEmpty();
        standby = new TestStandby("replica");
        assertThat(logOfOpening())
                .contains("has 1 standby(s) and " + WAITS_FOR_NONE, "Name at least one in synchronous_standby_names");
    }

    @Test
    void asynchronousStandbysBesideASynchronousOneOrAQuorumAreNot() throws SQLException {
        standby = new TestStandby("replica");
        TestStandby.nameSynchronous("ANY 1 (other, another)");
        assertThat(logOfOpening()).isEmpty();
        TestStandby.nameSynchronous("other");
        assertThat(logOfOpening()).isEmpty();
    }

    @Test
    void aCopyOfTheLogIsNoStandby() throws SQLException {
        standby = new TestStandby("pg_receivewal");
        assertThat(logOfOpening()).isEmpty();
    }

    @Test
    void itLooksAgainAndWarnsOfEachChangeOnce() throws SQLException {
        AtomicLong now = new AtomicLong();
        AtomicInteger looks = new AtomicInteger();
        ReplicationWatch watch = new ReplicationWatch(database.dataSource(), "the test", now::get, look -> {
            looks.incrementAndGet();
            look.run();
        });
        standby = new TestStandby("replica");
        assertThat(TestLog.of(watch)).isEmpty();
        now.addAndGet(ReplicationWatch.INTERVAL.toNanos());
        assertThat(TestLog.of(watch)).contains("the test has 1 standby(s)");
        assertThat(TestLog.of(watch)).isEmpty();
        assertThat(looks).hasValue(1);
        now.addAndGet(ReplicationWatch.INTERVAL.toNanos());
        assertThat(TestLog.of(watch)).as("the same again").isEmpty();
        assertThat(looks).hasValue(2);
        TestStandby.nameSynchronous("replica");
        now.addAndGet(ReplicationWatch.INTERVAL.toNanos());
        assertThat(TestLog.of(watch)).isEmpty();
        TestStandby.nameSynchronous("");
        now.addAndGet(ReplicationWatch.INTERVAL.toNanos());
        assertThat(TestLog.of(watch)).contains(WAITS_FOR_NONE);
    }

    @Test
    void aLookThatFailsIsNoFailureOfTheClaim() {
        AtomicLong now = new AtomicLong();
        PGSimpleDataSource nowhere = new PGSimpleDataSource();
        nowhere.setUrl("jdbc:postgresql://localhost:1/none");
        ReplicationWatch watch = new ReplicationWatch(nowhere, "the test", now::get, Runnable::run);
        now.addAndGet(ReplicationWatch.INTERVAL.toNanos());
        assertThat(TestLog.of(watch)).isEmpty();
    }
}
