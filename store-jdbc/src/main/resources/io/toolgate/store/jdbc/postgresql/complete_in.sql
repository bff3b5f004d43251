-- Purpose:    stores the result of a run inside the caller's open transaction, so that it commits together with the caller's
--             own rows or not at all
-- Parameters: :result, :resultCodec, :failureCode, :failureMessage, :id, :token, :expected (status), :store (as
--             store_identity.sql gives it)
-- Index:      tg_idempotency_pkey
-- Isolation:  the caller's. READ COMMITTED is best: heartbeats move the row, so that a stricter level may end with 40001.
--             The row stays locked until the caller's transaction ends
-- Rows:       1: done, if the transaction commits. writer is its number, by which a heartbeat knows whose lock it met
--             0: not the owner any more, not in the expected status, or another store: look which
--             more: never
-- Durability: forced_sync makes the caller's commit synchronous where role, database or session say otherwise
UPDATE tg_idempotency AS t
SET status = 'COMPLETED',
    version = version + 1,
    result = :result,
    result_codec = :resultCodec,
    failure_code = :failureCode,
    failure_message = :failureMessage,
    updated_at = statement_timestamp()
WHERE record_id = :id
  AND claim_token = :token
  AND status = :expected
  AND (SELECT concat_ws('/', i.store_id, d.oid, CAST(to_regclass('tg_idempotency') AS oid))
       FROM tg_store_info AS i, pg_catalog.pg_database AS d
       WHERE d.datname = current_database()) = :store
RETURNING version, updated_at, CAST(t.xmin AS text) AS writer,
    CASE WHEN current_setting('synchronous_commit') IN ('off', 'local')
         THEN set_config('synchronous_commit', 'on', true) END AS forced_sync
