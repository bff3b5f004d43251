-- Purpose:    takes a record over with a new token and the next fence: the compare-and-set of a decision made on the
--             row as read
-- Parameters: :life, :attempt, :refusals, :providerKeyNumber, :token, :owner, :lease, :fingerprint, :storesRows,
--             :restart (true if the key starts a new lifetime), :retention, :id, :seenToken, :seenStatus, :seenVersion,
--             :now (times and durations in milliseconds). expires_at never goes back: a record that was retired, whose
--             numbers the next life goes on from, is not purged before its own retention
-- Index:      tg_idempotency_record_id
-- Isolation:  autocommit, or in one transaction with claim_input.sql. SQLite has one writer at a time, so the condition
--             is checked on the state that is written to. Race: of two takeovers, or a takeover and a late result or
--             heartbeat of the old owner, the first to commit changes token, status, version or lease, and the
--             condition of the other fails
-- Rows:       1: taken
--             0: the record changed since it was read, or its lease was renewed. A heartbeat does not change the
--                version, therefore the lease is compared here again, by the host's clock: the caller reads the record
--                and decides again
--             more: never
-- Durability: synchronous=FULL, set on every connection of the store
UPDATE tg_idempotency
SET status = 'IN_PROGRESS',
    fence = fence + 1,
    version = version + 1,
    life = :life,
    attempt = :attempt,
    refusals = :refusals,
    provider_key_number = :providerKeyNumber,
    claim_token = :token,
    owner = :owner,
    lease_until = :now + :lease,
    fingerprint = :fingerprint,
    stores_rows = :storesRows,
    result = NULL,
    result_codec = NULL,
    failure_code = NULL,
    failure_message = NULL,
    created_at = CASE WHEN :restart THEN :now ELSE created_at END,
    updated_at = :now,
    expires_at = max(
        :now + :retention,
        expires_at,
        CASE WHEN :restart THEN updated_at + (expires_at - created_at) ELSE expires_at END)
WHERE record_id = :id
  AND claim_token = :seenToken
  AND status = :seenStatus
  AND version = :seenVersion
  AND (status <> 'IN_PROGRESS' OR lease_until <= :now)
RETURNING version
