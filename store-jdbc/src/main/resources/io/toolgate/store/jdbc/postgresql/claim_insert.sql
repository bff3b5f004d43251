-- Purpose:    claims a key that nobody has claimed, or else reads the record that is there
-- Parameters: :id, :tenant, :action, :key, :token, :owner, :lease, :fingerprint, :retention (durations in microseconds)
-- Index:      tg_idempotency_pkey, for the conflict and for the read
-- Isolation:  READ COMMITTED, autocommit. DO NOTHING takes no lock on a committed row and writes no WAL; it waits for a
--             transaction that is just inserting or ending this very key. Under a stricter level it may abort with 40001
--             instead, and is tried again
-- Rows:       1: claimed (inserted is true, the record is as it was sent, and its columns are left out), or the record
--             that was there before this statement (inserted is false)
--             0: somebody else's insert, or a purge, committed after this statement's snapshot: ask again
--             more: never, record_id is the primary key
-- Durability: forced_sync makes this very commit synchronous where role, database or session say otherwise
WITH claimed AS (
    INSERT INTO tg_idempotency AS t (
        record_id, tenant, action, idempotency_key, status, fence, version, claim_token, owner, lease_until, fingerprint,
        created_at, updated_at, expires_at)
    VALUES (
        :id, :tenant, :action, :key, 'IN_PROGRESS', 1, 1, :token, :owner,
        statement_timestamp() + :lease * INTERVAL '1 microsecond', :fingerprint,
        statement_timestamp(), statement_timestamp(), statement_timestamp() + :retention * INTERVAL '1 microsecond')
    ON CONFLICT (record_id) DO NOTHING
    RETURNING CASE WHEN current_setting('synchronous_commit') IN ('off', 'local')
                   THEN set_config('synchronous_commit', 'on', true) END AS forced_sync
)
SELECT true AS inserted, forced_sync, statement_timestamp() AS read_at,
       CAST(NULL AS uuid) AS record_id, CAST(NULL AS text) AS tenant, CAST(NULL AS text) AS action,
       CAST(NULL AS text) AS idempotency_key, CAST(NULL AS text) AS status, CAST(NULL AS bigint) AS fence,
       CAST(NULL AS bigint) AS version, CAST(NULL AS uuid) AS claim_token, CAST(NULL AS text) AS owner,
       CAST(NULL AS timestamptz) AS lease_until, CAST(NULL AS bytea) AS fingerprint, CAST(NULL AS bytea) AS result,
       CAST(NULL AS text) AS result_codec, CAST(NULL AS text) AS failure_code, CAST(NULL AS text) AS failure_message,
       CAST(NULL AS timestamptz) AS created_at, CAST(NULL AS timestamptz) AS updated_at,
       CAST(NULL AS timestamptz) AS expires_at
FROM claimed
UNION ALL
SELECT false, NULL, statement_timestamp(),
       record_id, tenant, action, idempotency_key, status, fence, version, claim_token, owner, lease_until, fingerprint,
       result, result_codec, failure_code, failure_message, created_at, updated_at, expires_at
FROM tg_idempotency
WHERE record_id = :id AND NOT EXISTS (SELECT 1 FROM claimed)
