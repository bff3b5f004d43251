-- Purpose:    purge.sql for version 1 of the schema, which has nothing beside the records: deletes ended records whose
--             retention is over, counted from the claim and once more from their end: what a long run stored, or what was
--             learned late, is not forgotten the moment it is known
-- Parameters: :limit
-- Index:      tg_idempotency_expires_at, to find them; tg_idempotency_pkey, to delete them
-- Isolation:  READ COMMITTED, autocommit. Status and times are conditions of the DELETE itself: where it waits for a claim
--             that just takes the record over, PostgreSQL checks them again on the row that claim left. Rows that a
--             transaction holds while this begins are left for the next batch: one with a body may take seconds over an
--             expired record, and the whole batch would wait for it. They are told by their xmax, whose transaction still
--             holds its own id in pg_locks. FOR UPDATE SKIP LOCKED would say the same, but wants the right to UPDATE, which
--             the purger's role has not, and writes each row twice; what it would see and this does not (a row shared by
--             several lockers, or locked a moment later) is waited for. IS TRUE keeps the planner from walking
--             all that is expired once more for each batch, which it prefers while its statistics show little of it
-- Rows:       none; the number of deleted records. 0: nothing is left
-- Durability: as the session has it. A purge that a crash takes back is done again
DELETE FROM tg_idempotency AS t
WHERE t.record_id = ANY (ARRAY(
    SELECT record_id
    FROM tg_idempotency
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
