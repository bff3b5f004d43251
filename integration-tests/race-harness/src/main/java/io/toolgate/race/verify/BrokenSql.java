package io.toolgate.race.verify;

import io.toolgate.race.racer.RuntimeUnderTest;
import io.toolgate.race.racer.SqlPatch;
import java.util.List;
import java.util.stream.Stream;

/** Broken runtimes whose store has wrong SQL. */
final class BrokenSql {
    /** Compares nothing, but keeps the parameter, which the store binds. */
    private static final String ANY_TOKEN = "(claim_token = :token OR true)";

    private static final String TOKEN = "claim_token = :token";
    private static final String NOW = ":now";
    /** The clock of the process, in which SQLite runs, in milliseconds; keeps the parameter, which the store binds. */
    private static final String HOST_CLOCK = "(CAST(unixepoch('subsec') * 1000 AS INTEGER) + 0 * :now)";

    private BrokenSql() {}

    /** Compares no tokens, and does not increase the fence on a takeover. */
    public static final class NoFence implements RuntimeUnderTest {
        /** Made by name. */
        public NoFence() {}

        @Override
        public List<SqlPatch> sql() {
            return List.of(
                    new SqlPatch("claim_take", "fence = fence + 1", "fence = fence"),
                    new SqlPatch("heartbeat", "AND claim_token = mine.token", "AND (claim_token = mine.token OR true)"),
                    new SqlPatch(
                            "heartbeat",
                            "RETURNING record_id, claim_token",
                            "RETURNING record_id, mine.token AS claim_token"),
                    new SqlPatch("complete", TOKEN, ANY_TOKEN),
                    new SqlPatch("fail", TOKEN, ANY_TOKEN));
        }
    }

    /** Lets any process complete a record in progress. */
    public static final class TokenIgnoredOnComplete implements RuntimeUnderTest {
        /** Made by name. */
        public TokenIgnoredOnComplete() {}

        @Override
        public List<SqlPatch> sql() {
            return List.of(new SqlPatch("complete", TOKEN, ANY_TOKEN));
        }
    }

    /** Overwrites a record that another process inserted after a claim found none. */
    public static final class SelectThenInsert implements RuntimeUnderTest {
        /** Made by name. */
        public SelectThenInsert() {}

        @Override
        public List<SqlPatch> sql() {
            return List.of(new SqlPatch(
                    "claim_insert",
                    "DO NOTHING",
                    "DO UPDATE SET status = 'IN_PROGRESS', fence = 1, version = 1, claim_token = excluded.claim_token,"
                            + " owner = excluded.owner, lease_until = excluded.lease_until, result = NULL,"
                            + " result_codec = NULL, failure_code = NULL, failure_message = NULL"));
        }
    }

    /** Grants and judges leases by the clock of the process. */
    public static final class LeaseByHostClock implements RuntimeUnderTest {
        /** Made by name. */
        public LeaseByHostClock() {}

        @Override
        public List<SqlPatch> sql() {
            return Stream.of("peek", "claim_insert", "claim_take", "claim_mark_in_doubt", "heartbeat")
                    .map(statement -> new SqlPatch(statement, NOW, HOST_CLOCK))
                    .toList();
        }
    }

    /** Lets a heartbeat take back a lease that another owner holds. */
    public static final class HeartbeatRevives implements RuntimeUnderTest {
        /** Made by name. */
        public HeartbeatRevives() {}

        @Override
        public List<SqlPatch> sql() {
            return List.of(
                    new SqlPatch("heartbeat", "SET lease_until =", "SET claim_token = mine.token, lease_until ="),
                    new SqlPatch("heartbeat", "AND claim_token = mine.token", "AND true"));
        }
    }

    /** Lets a late completion overwrite a finished record. */
    public static final class CompletesTwice implements RuntimeUnderTest {
        /** Made by name. */
        public CompletesTwice() {}

        @Override
        public List<SqlPatch> sql() {
            return List.of(
                    new SqlPatch("complete", TOKEN, ANY_TOKEN),
                    new SqlPatch(
                            "complete", "AND status = :expected", "AND (status = :expected OR status = 'COMPLETED')"));
        }
    }

    /** Grants leases that do not end during the race. */
    public static final class LeaseNeverEnds implements RuntimeUnderTest {
        /** Made by name. */
        public LeaseNeverEnds() {}

        @Override
        public List<SqlPatch> sql() {
            return Stream.of("claim_insert", "claim_take", "heartbeat")
                    .map(statement -> new SqlPatch(statement, ":now + :lease", ":now + 1000 * :lease"))
                    .toList();
        }
    }
}
