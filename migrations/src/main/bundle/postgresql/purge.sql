-- Deletes up to 1,000 ended records whose retention is over; run it again until it reports 0.
--
--     psql -v ON_ERROR_STOP=1 -f purge.sql
--
-- Uses the index on expires_at. Locks: the deleted rows only, for milliseconds. Rows locked by another transaction are
-- left for the next run: their xmax is a transaction that still holds its own id. (FOR UPDATE SKIP LOCKED would need
-- the right to UPDATE.)
--
-- IN_PROGRESS and IN_DOUBT rows are never deleted, whatever their age. The condition on updated_at keeps a late result
-- for a full retention from its own time on. The outer conditions repeat the inner ones on purpose: a row that was
-- claimed between the two is checked again in its latest version, and stays.
--
-- Checkpoints are deleted with their records. So are decisions past forget_at, unless the journal is on: then
-- decisions are kept.
WITH purged AS (
    DELETE FROM tg_idempotency AS t
    WHERE t.record_id IN (
            SELECT o.record_id FROM tg_idempotency AS o
            WHERE o.expires_at <= now()
              AND now() - o.updated_at >= o.expires_at - o.created_at
              AND o.status IN ('COMPLETED', 'REJECTED', 'RETRYABLE')
              AND o.xmax <> ALL (ARRAY(
                  SELECT transactionid FROM pg_catalog.pg_locks WHERE locktype = 'transactionid'))
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

-- Deletes up to 1,000 decisions past forget_at whose record is gone already. Uses the index on forget_at.
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
