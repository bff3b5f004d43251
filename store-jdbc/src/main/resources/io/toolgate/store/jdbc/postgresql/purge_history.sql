-- Purpose:    deletes decisions past forget_at about keys without a record, unless the journal is on: those that
--             purge.sql left because they had to be kept longer than their record
-- Parameters: :limit
-- Index:      tg_idempotency_history_forget_at, tg_idempotency_pkey
-- Isolation:  READ COMMITTED, autocommit. Rows of the history never change, and none of these is a retirement, so a
--             concurrent claim of such a key counts its attempts the same with or without them
-- Rows:       none is returned. Rows deleted: the number of decisions, 0 if nothing is left to delete
-- Durability: as the session has it. A purge that a crash undoes is repeated by the next one
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
