package io.toolgate.race.verify;

import io.toolgate.race.racer.RuntimeUnderTest;
import io.toolgate.race.racer.SqlPatch;
import java.util.List;
import java.util.stream.Stream;

/** Runtimes whose store has one statement wrong. */
final class BrokenSql {
    /** Keeps the parameter, which the store binds, and compares nothing. */
    private static final String ANY_TOKEN = "(claim_token = :token OR true)";

    private static final String TOKEN = "claim_token = :token";
    private static final String NOW = ":now";
    /** The clock of the process, which SQLite runs in, in milliseconds; written so that the store's parameter stays bound. */
    private static final String HOST_CLOCK = "(CAST(unixepoch('subsec') * 1000 AS INTEGER) + 0 * :now)";

    private BrokenSql() {}

    /** Nobody's token is compared, and a takeover gives no new fence. */
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

    /** Whoever comes may complete a record that is in progress. */
    public static final class TokenIgnoredOnComplete implements RuntimeUnderTest {
        /** Made by name. */
        public TokenIgnoredOnComplete() {}

        @Override
        public List<SqlPatch> sql() {
            return List.of(new SqlPatch("complete", TOKEN, ANY_TOKEN));
        }
    }

    /** A claim that found nothing writes over what somebody else inserted meanwhile. */
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

    /** Leases are given and judged by the clock of the process. */
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

    /** A heartbeat takes a lease back that somebody else has. */
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

    /** A late completion writes over a finished record. */
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

    /** A lease never ends. */
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
