-- Purpose:    stores the result of a run inside the caller's open transaction, so that it commits together with the
--             caller's own rows or not at all
-- Parameters: :result, :resultCodec, :failureCode, :failureMessage, :id, :token, :expected (status), :store (from
--             store_identity.sql)
-- Index:      tg_idempotency_pkey
-- Isolation:  the caller's. READ COMMITTED is best: a heartbeat updates the row, so a stricter level may abort with
--             40001. The row stays locked until the caller's transaction ends
-- Rows:       1: completed, if the transaction commits. writer is its transaction id, by which heartbeat.sql
--                recognises the lock; replicated says whether the commit will wait for a standby
--             0: the token does not own the record any more, the record is not in the expected status, or this is
--                another store: the caller finds out which
--             more: never
-- Durability: forced_sync makes the caller's commit synchronous even if the role, database or session set
--             synchronous_commit to off or local
UPDATE tg_idempotency AS t
SET status = 'COMPLETED',
    version = version + 1,
    result = :result,
    result_codec = :resultCodec,
    failure_code = :failureCode,
    failure_message = :failureMessage,
    result_unavailable = CAST(:failureCode AS text) IS NOT NULL,
    updated_at = statement_timestamp()
WHERE record_id = :id
  AND claim_token = :token
  AND status = :expected
  AND (SELECT concat_ws('/', i.store_id, d.oid, CAST(to_regclass('tg_idempotency') AS oid))
       FROM tg_store_info AS i, pg_catalog.pg_database AS d
       WHERE d.datname = current_database()) = :store
RETURNING version, updated_at, CAST(t.xmin AS text) AS writer,
    current_setting('synchronous_standby_names') <> '' AS replicated,
    CASE WHEN current_setting('synchronous_commit') IN ('off', 'local')
         THEN set_config('synchronous_commit', 'on', true) END AS forced_sync
