-- Purpose:    stores the result of a run inside the caller's open transaction, so that it commits together with the caller's
--             own rows or not at all
-- Parameters: :result, :resultCodec, :failureCode, :failureMessage, :id, :token, :expected (status), :store (as
--             store_identity.sql gives it), :now
-- Index:      tg_idempotency_record_id
-- Isolation:  the caller's transaction, which holds SQLite's one write lock from here to its end: nobody else can write. One
--             that did not begin IMMEDIATE may end here with SQLITE_BUSY
-- Rows:       1: done, if the transaction commits. writer is empty: there are no row locks to tell apart
--             0: not the owner any more, not in the expected status, or another store or a connection whose commits are not
--             flushed: look which
--             more: never
-- Durability: the caller's connection must have synchronous=FULL or EXTRA, or nothing is written
UPDATE tg_idempotency
SET status = 'COMPLETED',
    version = version + 1,
    result = :result,
    result_codec = :resultCodec,
    failure_code = :failureCode,
    failure_message = :failureMessage,
    updated_at = :now
WHERE record_id = :id
  AND claim_token = :token
  AND status = :expected
  AND (SELECT i.store_id || '/' || (SELECT file FROM pragma_database_list WHERE name = 'main')
       FROM tg_store_info AS i) = :store
  AND (SELECT synchronous FROM pragma_synchronous) >= 2
RETURNING version, updated_at, '' AS writer
