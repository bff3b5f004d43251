-- Purpose:    takes a record over with a new token and the next fence: the compare-and-set of a decision made on the
--             row as read
-- Parameters: :life, :attempt, :refusals, :providerKeyNumber, :token, :owner, :lease, :fingerprint, :storesRows,
--             :restart (true if the key starts a new lifetime), :retention, :id, :seenToken, :seenStatus, :seenVersion
--             (durations in microseconds). expires_at never goes back: a record that was retired, whose numbers the
--             next life goes on from, is not purged before its own retention
-- Index:      tg_idempotency_pkey
-- Isolation:  READ COMMITTED, autocommit, or in one transaction with claim_input.sql. If it waits for another
--             transaction's row lock, PostgreSQL checks the condition again on the row version that transaction left.
--             Race: of two takeovers, or a takeover and a late result or heartbeat of the old owner, the first to
--             commit changes token, status, version or lease, and the condition of the other fails
-- Rows:       1: taken
--             0: the record changed since it was read, or its lease was renewed. A heartbeat does not change the
--                version, therefore the lease is compared here again, by the server's clock: the caller reads the
--                record and decides again
--             more: never
-- Durability: forced_sync makes this commit synchronous even if the role, database or session set synchronous_commit
--             to off or local
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
    lease_until = statement_timestamp() + :lease * INTERVAL '1 microsecond',
    fingerprint = :fingerprint,
    stores_rows = :storesRows,
    result = NULL,
    result_codec = NULL,
    failure_code = NULL,
    failure_message = NULL,
    result_unavailable = false,
    created_at = CASE WHEN :restart THEN statement_timestamp() ELSE created_at END,
    updated_at = statement_timestamp(),
    expires_at = greatest(
        statement_timestamp() + :retention * INTERVAL '1 microsecond',
        expires_at,
        CASE WHEN :restart THEN updated_at + (expires_at - created_at) END)
WHERE record_id = :id
  AND claim_token = :seenToken
  AND status = :seenStatus
  AND version = :seenVersion
  AND (status <> 'IN_PROGRESS' OR lease_until <= statement_timestamp())
RETURNING version,
    CASE WHEN current_setting('synchronous_commit') IN ('off', 'local')
         THEN set_config('synchronous_commit', 'on', true) END AS forced_sync
