-- Purpose:    keeps a copy of a record as it stood before an operator's decision, with who decided and why: the
--             compare-and-set of a decision made on the row as read. First half of a transaction; resolve_record.sql
--             is the second
-- Parameters: :decision, :operator, :reason, :id, :seenToken, :seenStatus, :seenVersion, :now
-- Index:      tg_idempotency_record_id
-- Isolation:  in a transaction that began with the write lock, so what is read stays true until it ends
-- Rows:       1: kept
--             0: the record changed since it was read, or its lease was renewed. A heartbeat does not change the
--                version, therefore the lease is compared here again, by the host's clock: the caller reads the record
--                and decides again
--             more: never
-- Durability: synchronous=FULL, set on every connection of the store
INSERT INTO tg_idempotency_history (
    record_id, version, created_at, decision, operator, reason, decided_at, forget_at, tenant, action,
    idempotency_key, status, fence, life, attempt, refusals, provider_key_number, claim_token, owner, lease_until,
    fingerprint, stores_rows, result, result_codec, failure_code, failure_message, updated_at, expires_at)
SELECT record_id, version, created_at, :decision, :operator, :reason,
       :now, :now + (expires_at - created_at), tenant, action, idempotency_key,
       status, fence, life, attempt, refusals, provider_key_number, claim_token, owner, lease_until, fingerprint,
       stores_rows, result, result_codec, failure_code, failure_message, updated_at, expires_at
FROM tg_idempotency
WHERE record_id = :id
  AND claim_token = :seenToken
  AND status = :seenStatus
  AND version = :seenVersion
  AND (status <> 'IN_PROGRESS' OR lease_until <= :now)
RETURNING version
