-- Purpose:    carries out an operator's decision about a record: keeps a copy of the record as it stood, with who
--             decided and why, and moves the record under a new token: the compare-and-set of a decision made on the
--             row as read
-- Parameters: :id, :seenToken, :seenStatus, :seenVersion, :decision, :operator, :reason, :status, :life, :attempt,
--             :refusals, :providerKeyNumber, :token, :result, :resultCodec, :failureCode, :failureMessage
-- Index:      tg_idempotency_pkey, tg_idempotency_history_pkey
-- Isolation:  READ COMMITTED, autocommit. The record's row is locked first; if that waits for another transaction,
--             PostgreSQL checks the condition again on the row that transaction left. Race: of two decisions, or a
--             decision and a takeover, late result or heartbeat, the first to commit makes the condition of the other
--             fail
-- Rows:       1: done
--             0: the record changed since it was read, or its lease was renewed. A heartbeat does not change the
--                version, therefore the lease is compared here again, by the server's clock: the caller reads the
--                record and decides again
--             more: never
-- Durability: forced_sync makes this commit synchronous even if the role, database or session set synchronous_commit
--             to off or local
WITH seen AS (
    SELECT record_id, version, created_at, tenant, action, idempotency_key, status, fence, life, attempt, refusals,
           provider_key_number, claim_token, owner, lease_until, fingerprint, stores_rows, result, result_codec,
           failure_code, failure_message, updated_at, expires_at
    FROM tg_idempotency
    WHERE record_id = :id
      AND claim_token = :seenToken
      AND status = :seenStatus
      AND version = :seenVersion
      AND (status <> 'IN_PROGRESS' OR lease_until <= statement_timestamp())
    FOR NO KEY UPDATE
),
kept AS (
    INSERT INTO tg_idempotency_history (
        record_id, version, created_at, decision, operator, reason, decided_at, forget_at, tenant, action,
        idempotency_key, status, fence, life, attempt, refusals, provider_key_number, claim_token, owner, lease_until,
        fingerprint, stores_rows, result, result_codec, failure_code, failure_message, updated_at, expires_at)
    SELECT record_id, version, created_at, :decision, :operator, :reason,
           statement_timestamp(), statement_timestamp() + (expires_at - created_at), tenant, action, idempotency_key,
           status, fence, life, attempt, refusals, provider_key_number, claim_token, owner, lease_until, fingerprint,
           stores_rows, result, result_codec, failure_code, failure_message, updated_at, expires_at
    FROM seen
    RETURNING record_id
)
UPDATE tg_idempotency AS t
SET status = :status,
    version = t.version + 1,
    life = :life,
    attempt = :attempt,
    refusals = :refusals,
    provider_key_number = :providerKeyNumber,
    claim_token = :token,
    result = :result,
    result_codec = :resultCodec,
    failure_code = :failureCode,
    failure_message = :failureMessage,
    result_unavailable = CAST(:status AS text) = 'COMPLETED' AND CAST(:failureCode AS text) IS NOT NULL,
    updated_at = statement_timestamp()
FROM kept
WHERE t.record_id = kept.record_id
RETURNING t.version, t.updated_at,
    CASE WHEN current_setting('synchronous_commit') IN ('off', 'local')
         THEN set_config('synchronous_commit', 'on', true) END AS forced_sync
