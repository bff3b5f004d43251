-- Purpose:    stores the result of a run, or the reason why a completed run has no result to return
-- Parameters: :result, :resultCodec, :failureCode, :failureMessage, :id, :token, :expected (status)
-- Index:      tg_idempotency_pkey
-- Isolation:  READ COMMITTED, autocommit. If it waits for another transaction's row lock, PostgreSQL checks the
--             condition again on the row version that transaction left. The token decides who may write; the clock is
--             recorded, not checked
-- Rows:       1: completed
--             0: the token does not own the record any more, or the record is not in the expected status: the caller
--                reads the record and decides again
--             more: never
-- Durability: forced_sync makes this commit synchronous even if the role, database or session set synchronous_commit
--             to off or local
UPDATE tg_idempotency
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
RETURNING version, updated_at,
    CASE WHEN current_setting('synchronous_commit') IN ('off', 'local')
         THEN set_config('synchronous_commit', 'on', true) END AS forced_sync
