-- Purpose:    deletes ended records whose retention is over, counted from the claim and once more from their end: what a
--             long run stored, or what was learned late, is not forgotten the moment it is known. Their checkpoints go with
--             them, and, where no journal keeps it for good, so does what was decided about them and may be forgotten. A
--             record waits for its retirements to be forgettable: attempts are counted from there
-- Parameters: :limit
-- Index:      tg_idempotency_expires_at, to find them; tg_idempotency_pkey, to delete them; for the rest
--             tg_idempotency_checkpoint_pkey and tg_idempotency_history_pkey
-- Isolation:  READ COMMITTED, autocommit. Status and times are conditions of the DELETE itself: where it waits for a claim
--             that just takes the record over, PostgreSQL checks them again on the row that claim left. Rows that a
--             transaction holds while this begins are left for the next batch: one with a body may take seconds over an
--             expired record, and the whole batch would wait for it. They are told by their xmax, whose transaction still
--             holds its own id in pg_locks. FOR UPDATE SKIP LOCKED would say the same, but wants the right to UPDATE, which
--             the purger's role has not, and writes each row twice; what it would see and this does not (a row shared by
--             several lockers, or locked a moment later) is waited for. IS TRUE keeps the planner from walking
--             all that is expired once more for each batch, which it prefers while its statistics show little of it
-- Rows:       1: the number of deleted records. 0: nothing is left
-- Durability: as the session has it. A purge that a crash takes back is done again
WITH purged AS (
    DELETE FROM tg_idempotency AS t
    WHERE t.record_id = ANY (ARRAY(
        SELECT record_id
        FROM tg_idempotency AS o
        WHERE expires_at <= statement_timestamp()
          AND statement_timestamp() - updated_at >= expires_at - created_at
          AND status IN ('COMPLETED', 'REJECTED', 'RETRYABLE')
          AND xmax <> ALL (ARRAY(SELECT transactionid FROM pg_catalog.pg_locks WHERE locktype = 'transactionid'))
          AND NOT EXISTS (
              SELECT 1
              FROM tg_idempotency_history AS h
              WHERE h.record_id = o.record_id AND h.decision = 'RETIRED' AND h.forget_at > statement_timestamp())
        ORDER BY expires_at
        LIMIT :limit
    ))
      AND (t.expires_at <= statement_timestamp()) IS TRUE
      AND statement_timestamp() - t.updated_at >= t.expires_at - t.created_at
      AND t.status IN ('COMPLETED', 'REJECTED', 'RETRYABLE')
    RETURNING t.record_id
),
checkpoints AS (
    DELETE FROM tg_idempotency_checkpoint AS c
    USING purged
    WHERE c.record_id = purged.record_id
),
decisions AS (
    DELETE FROM tg_idempotency_history AS h
    USING purged
    WHERE h.record_id = purged.record_id
      AND h.forget_at <= statement_timestamp()
      AND NOT EXISTS (
          SELECT 1
          FROM pg_catalog.pg_trigger
          WHERE tgrelid = to_regclass('tg_idempotency') AND tgname = 'tg_idempotency_journal_update')
)
SELECT count(*) AS purged
FROM purged
