-- Purpose:    keeps a record as it stood before somebody's decision, with who decided and why; first half of a transaction,
--             of which resolve_record.sql is the second, and the compare-and-set of a decision made on the row as read
-- Parameters: :decision, :operator, :reason, :id, :seenToken, :seenStatus, :seenVersion, :now
-- Index:      tg_idempotency_record_id
-- Isolation:  in a transaction that began with the write lock, so nothing moves until it ends
-- Rows:       1: kept
--             0: the record moved since it was read, or its lease was renewed (a heartbeat leaves the version alone, so
--             the lease is asked for again here, by the host's clock): read it and decide again
--             more: never
-- Durability: synchronous=FULL, which every connection of the store has
INSERT INTO tg_idempotency_history (
    record_id, version, created_at, decision, operator, reason, decided_at, forget_at, tenant, action,
    idempotency_key, status, fence, claim_token, owner, lease_until, fingerprint, result, result_codec,
    failure_code, failure_message, updated_at, expires_at)
SELECT record_id, version, created_at, :decision, :operator, :reason,
       :now, :now + (expires_at - created_at), tenant, action, idempotency_key,
       status, fence, claim_token, owner, lease_until, fingerprint, result, result_codec, failure_code,
       failure_message, updated_at, expires_at
FROM tg_idempotency
WHERE record_id = :id
  AND claim_token = :seenToken
  AND status = :seenStatus
  AND version = :seenVersion
  AND (status <> 'IN_PROGRESS' OR lease_until <= :now)
RETURNING version
