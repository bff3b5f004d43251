-- Purpose:    ends a run without a result: rejected, released for a retry, or in doubt
-- Parameters: :status, :failureCode, :failureMessage, :id, :token, :expected (status)
-- Index:      tg_idempotency_pkey
-- Isolation:  READ COMMITTED, autocommit. Where it waits for another transaction's row lock, PostgreSQL checks the
--             condition again on the row that transaction left.
--             The token says who may: the clock is not asked, only noted
-- Rows:       1: done
--             0: not the owner any more, or not in the expected status: read the record and decide again
--             more: never
-- Durability: forced_sync makes this very commit synchronous where role, database or session say otherwise
UPDATE tg_idempotency
SET status = :status,
    version = version + 1,
    failure_code = :failureCode,
    failure_message = :failureMessage,
    updated_at = statement_timestamp()
WHERE record_id = :id
  AND claim_token = :token
  AND status = :expected
RETURNING version, updated_at,
    CASE WHEN current_setting('synchronous_commit') IN ('off', 'local')
         THEN set_config('synchronous_commit', 'on', true) END AS forced_sync
