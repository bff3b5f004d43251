-- Purpose:    deletes ended records (COMPLETED, REJECTED, RETRYABLE) whose retention is over. It counts from the
--             last change: the result of a long run, or a late one, is kept for a full retention. expires_at has passed
--             then, too. Their checkpoints go in the same commit, and so do decisions about them past forget_at, unless
--             the journal is on
-- Parameters: :limit
-- Index:      tg_idempotency_expires_at, to find them; tg_idempotency_pkey, to delete them;
--             tg_idempotency_checkpoint_pkey and tg_idempotency_history_pkey for the rest
-- Isolation:  READ COMMITTED, autocommit. Race: a claim may take the record over between the search and the DELETE,
--             therefore status and times are conditions of the DELETE itself: if it waits for that claim, PostgreSQL
--             checks them again on the row the claim left. Rows that another transaction has locked when this begins
--             are left for the next batch, because runInTransaction may hold an expired record for seconds and the
--             whole batch would wait for it. Such a row is recognised by its xmax: the transaction still holds its own
--             id in pg_locks. FOR UPDATE SKIP LOCKED would do the same, but needs the right to UPDATE, which the
--             purger role lacks, and writes each row twice. A row that several transactions share, or that is locked a
--             moment later, is waited for. IS TRUE keeps the planner from scanning all expired rows a second time for
--             each batch
-- Rows:       1: the number of deleted records, 0 if nothing is left to delete
--             0 or more than 1: never
-- Durability: as the session has it. A purge that a crash undoes is repeated by the next one
WITH purged AS (
    DELETE FROM tg_idempotency AS t
    WHERE t.record_id = ANY (ARRAY(
        SELECT record_id
        FROM tg_idempotency AS o
        WHERE expires_at <= statement_timestamp()
          AND statement_timestamp() - updated_at >= expires_at - created_at
          AND status IN ('COMPLETED', 'REJECTED', 'RETRYABLE')
          AND xmax <> ALL (ARRAY(SELECT transactionid FROM pg_catalog.pg_locks WHERE locktype = 'transactionid'))
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
