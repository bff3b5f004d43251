-- Purpose:    deletes decisions that may be forgotten, about keys that have no record any more, where no journal keeps them
--             for good: those that purge.sql left behind because they had to be kept for longer than their record
-- Parameters: :limit
-- Index:      tg_idempotency_history_forget_at, tg_idempotency_pkey
-- Isolation:  READ COMMITTED, autocommit. Nobody changes a row of the history. None of them is a retirement, so a claim that
--             makes a record for such a key meanwhile counts its attempts the same
-- Rows:       none; the number of deleted decisions. 0: nothing is left
-- Durability: as the session has it. A purge that a crash takes back is done again
DELETE FROM tg_idempotency_history AS h
WHERE (h.record_id, h.version, h.created_at) IN (
    SELECT record_id, version, created_at
    FROM tg_idempotency_history AS o
    WHERE forget_at <= statement_timestamp()
      AND NOT EXISTS (SELECT 1 FROM tg_idempotency AS t WHERE t.record_id = o.record_id)
      AND NOT EXISTS (
          SELECT 1
          FROM pg_catalog.pg_trigger
          WHERE tgrelid = to_regclass('tg_idempotency') AND tgname = 'tg_idempotency_journal_update')
    ORDER BY forget_at
    LIMIT :limit
)
