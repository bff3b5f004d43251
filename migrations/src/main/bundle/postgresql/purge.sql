-- Deletes ended rows whose retention is over, up to 1,000 a run; run it again until it says that none was purged.
--
--     psql -v ON_ERROR_STOP=1 -f purge.sql
--
-- Uses the index on expires_at. Locks: the deleted rows only, for milliseconds. Rows that a transaction holds are left for
-- the next run, instead of waiting for it: their xmax is a transaction that still holds its own id. (FOR UPDATE SKIP LOCKED
-- would need the right to UPDATE.)
-- The outer conditions repeat the inner ones on purpose: a row that was claimed anew between the two is looked at again
-- in its newest version, and stays. A row that is IN_PROGRESS or IN_DOUBT is never deleted, however old. The middle
-- condition keeps what ended late, or was learned late, for its full time from then on; and a row waits for its
-- retirements to be forgettable, since attempts are counted from there.
-- Checkpoints go with their rows. So does what was decided about them and may be forgotten, unless the journal is on: then
-- decisions are kept for good.
WITH purged AS (
    DELETE FROM tg_idempotency AS t
    WHERE t.record_id IN (
            SELECT o.record_id FROM tg_idempotency AS o
            WHERE o.expires_at <= now()
              AND now() - o.updated_at >= o.expires_at - o.created_at
              AND o.status IN ('COMPLETED', 'REJECTED', 'RETRYABLE')
              AND o.xmax <> ALL (ARRAY(
                  SELECT transactionid FROM pg_catalog.pg_locks WHERE locktype = 'transactionid'))
              AND NOT EXISTS (
                  SELECT 1 FROM tg_idempotency_history AS h
                  WHERE h.record_id = o.record_id AND h.decision = 'RETIRED' AND h.forget_at > now())
            ORDER BY o.expires_at
            LIMIT 1000)
      AND t.expires_at <= now()
      AND now() - t.updated_at >= t.expires_at - t.created_at
      AND t.status IN ('COMPLETED', 'REJECTED', 'RETRYABLE')
    RETURNING t.record_id
),
checkpoints AS (
    DELETE FROM tg_idempotency_checkpoint AS c USING purged WHERE c.record_id = purged.record_id
),
decisions AS (
    DELETE FROM tg_idempotency_history AS h USING purged
    WHERE h.record_id = purged.record_id
      AND h.forget_at <= now()
      AND NOT EXISTS (
          SELECT 1 FROM pg_catalog.pg_trigger
          WHERE tgrelid = to_regclass('tg_idempotency') AND tgname = 'tg_idempotency_journal_update')
)
SELECT count(*) AS purged FROM purged;

-- Decisions that had to be kept for longer than their row, which is gone. Uses the index on forget_at.
DELETE FROM tg_idempotency_history
WHERE (record_id, version, created_at) IN (
        SELECT h.record_id, h.version, h.created_at FROM tg_idempotency_history AS h
        WHERE h.forget_at <= now()
          AND NOT EXISTS (SELECT 1 FROM tg_idempotency AS t WHERE t.record_id = h.record_id)
          AND NOT EXISTS (
              SELECT 1 FROM pg_catalog.pg_trigger
              WHERE tgrelid = to_regclass('tg_idempotency') AND tgname = 'tg_idempotency_journal_update')
        ORDER BY h.forget_at
        LIMIT 1000);
