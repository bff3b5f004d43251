-- Purpose:    ends a run without a result: rejected, released for a retry, or in doubt
-- Parameters: :status, :effect (of this run alone: NOT_STARTED, NONE or UNKNOWN), :providerKeyStep (1 if the next
--             attempt needs another provider key, else 0), :failureCode, :failureMessage, :id, :token, :expected
--             (status)
-- Index:      tg_idempotency_pkey
-- Isolation:  READ COMMITTED, autocommit. If it waits for another transaction's row lock, PostgreSQL checks the
--             condition again on the row version that transaction left. The token decides who may write; the clock is
--             recorded, not checked
-- Rows:       1: ended
--             0: the token does not own the record any more, or the record is not in the expected status: the caller
--                reads the record and decides again
--             more: never
-- Durability: forced_sync makes this commit synchronous even if the role, database or session set synchronous_commit
--             to off or local
UPDATE tg_idempotency
SET status = :status,
    version = version + 1,
    attempt = CASE WHEN :status = 'RETRYABLE' THEN 0
                   WHEN :effect = 'UNKNOWN' THEN attempt
                   ELSE greatest(attempt - 1, 0) END,
    refusals = CASE :effect WHEN 'NONE' THEN refusals + 1 WHEN 'UNKNOWN' THEN 0 ELSE refusals END,
    provider_key_number = provider_key_number + :providerKeyStep,
    failure_code = :failureCode,
    failure_message = :failureMessage,
    updated_at = statement_timestamp()
WHERE record_id = :id
  AND claim_token = :token
  AND status = :expected
RETURNING version, updated_at,
    CASE WHEN current_setting('synchronous_commit') IN ('off', 'local')
         THEN set_config('synchronous_commit', 'on', true) END AS forced_sync
