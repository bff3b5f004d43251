-- Purpose:    stores the result of a run inside the caller's open transaction, so that it commits together with the
--             caller's own rows or not at all
-- Parameters: :result, :resultCodec, :failureCode, :failureMessage, :id, :token, :expected (status), :store (from
--             store_identity.sql), :now
-- Index:      tg_idempotency_record_id
-- Isolation:  the caller's transaction, which holds SQLite's one write lock from here to its end, so no other
--             connection can write. One that did not begin IMMEDIATE may fail here with SQLITE_BUSY
-- Rows:       1: completed, if the transaction commits. writer is empty, because SQLite has no row locks,
--                and replicated is 0, because it has no standbys
--             0: the token does not own the record any more, the record is not in the expected status, this is another
--                store, or the connection does not flush its commits: the caller finds out which
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
RETURNING version, updated_at, '' AS writer, 0 AS replicated
