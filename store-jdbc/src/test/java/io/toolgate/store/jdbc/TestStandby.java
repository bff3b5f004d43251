package io.toolgate.store.jdbc;

import java.sql.Connection;
import java.sql.SQLException;
import org.awaitility.Awaitility;
import org.postgresql.PGConnection;
import org.postgresql.PGProperty;
import org.postgresql.ds.PGSimpleDataSource;
import org.postgresql.replication.LogSequenceNumber;
import org.postgresql.replication.PGReplicationStream;

/** What a standby is to the primary: somebody who receives its log. */
public final class TestStandby implements AutoCloseable {
    private final Connection connection;
    private final PGReplicationStream stream;

    public TestStandby(String name) throws SQLException {
        PGSimpleDataSource source = TestPostgres.admin().dataSource();
        source.setProperty(PGProperty.REPLICATION, "true");
        source.setProperty(PGProperty.PREFER_QUERY_MODE, "simple");
        source.setProperty(PGProperty.ASSUME_MIN_SERVER_VERSION, "14");
        source.setApplicationName(name);
        connection = source.getConnection();
        stream = connection
                .unwrap(PGConnection.class)
                .getReplicationAPI()
                .replicationStream()
                .physical()
                .withStartPosition(
                        LogSequenceNumber.valueOf(TestPostgres.admin().one("SELECT pg_current_wal_flush_lsn()")))
                .start();
        awaitStandbys(1);
    }

    @Override
    public void close() throws SQLException {
        stream.close();
        connection.close();
        awaitStandbys(0);
    }

    private static void awaitStandbys(int expected) {
        Awaitility.await()
                .until(() -> TestPostgres.admin().count("SELECT count(*) FROM pg_stat_replication") == expected);
    }

    /** Has commits wait for the standbys of these names; for none if it is empty. */
    public static void nameSynchronous(String names) {
        TestPostgres.admin()
                .run("ALTER SYSTEM SET synchronous_standby_names = '" + names + "'", "SELECT pg_reload_conf()");
        Awaitility.await().until(() -> names.equals(TestPostgres.admin().one("SHOW synchronous_standby_names")));
    }
}
