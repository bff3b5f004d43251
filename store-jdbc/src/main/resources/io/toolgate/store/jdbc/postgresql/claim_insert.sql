-- Purpose:    claims a key that has no record, or else reads its record
-- Parameters: :id, :tenant, :action, :key, :token, :owner, :lease, :fingerprint, :storesRows, :retention (durations
--             in microseconds)
-- Index:      tg_idempotency_pkey, for the conflict and for the read
-- Isolation:  READ COMMITTED, autocommit, or in one transaction with claim_input.sql. DO NOTHING takes no lock on a
--             committed row and writes no WAL; it waits for a transaction that is inserting or deleting a row of this
--             key. All parts of the statement see one snapshot, so the second branch never shows the row that the first
--             has inserted. Race: of two claims of a new key the index admits one; the other reads the winner's row, or
--             finds nothing if its snapshot is older than the winner's commit. A stricter level may abort with 40001
--             instead; the caller then retries
-- Rows:       1: claimed (inserted is true; the record is what was sent, so its columns are NULL), or the record that
--                existed before this statement (inserted is false)
--             0: a concurrent insert or purge committed after this statement's snapshot was taken: the caller retries
--             more: never, record_id is the primary key
-- Durability: forced_sync makes this commit synchronous even if the role, database or session set synchronous_commit
--             to off or local
WITH claimed AS (
    INSERT INTO tg_idempotency AS t (
        record_id, tenant, action, idempotency_key, status, fence, version, claim_token, owner, lease_until, fingerprint,
        stores_rows, created_at, updated_at, expires_at)
    VALUES (
        :id, :tenant, :action, :key, 'IN_PROGRESS', 1, 1, :token, :owner,
        statement_timestamp() + :lease * INTERVAL '1 microsecond', :fingerprint, :storesRows,
        statement_timestamp(), statement_timestamp(), statement_timestamp() + :retention * INTERVAL '1 microsecond')
    ON CONFLICT (record_id) DO NOTHING
    RETURNING CASE WHEN current_setting('synchronous_commit') IN ('off', 'local')
                   THEN set_config('synchronous_commit', 'on', true) END AS forced_sync
)
SELECT true AS inserted, forced_sync, statement_timestamp() AS read_at,
       CAST(NULL AS uuid) AS record_id, CAST(NULL AS text) AS tenant, CAST(NULL AS text) AS action,
       CAST(NULL AS text) AS idempotency_key, CAST(NULL AS text) AS status, CAST(NULL AS bigint) AS fence,
       CAST(NULL AS bigint) AS version, CAST(NULL AS integer) AS life, CAST(NULL AS integer) AS attempt,
       CAST(NULL AS integer) AS refusals, CAST(NULL AS integer) AS provider_key_number,
       CAST(NULL AS uuid) AS claim_token, CAST(NULL AS text) AS owner, CAST(NULL AS timestamptz) AS lease_until,
       CAST(NULL AS bytea) AS fingerprint, CAST(NULL AS boolean) AS stores_rows, CAST(NULL AS bytea) AS result,
       CAST(NULL AS text) AS result_codec,
       CAST(NULL AS text) AS failure_code, CAST(NULL AS text) AS failure_message,
       CAST(NULL AS timestamptz) AS created_at, CAST(NULL AS timestamptz) AS updated_at,
       CAST(NULL AS timestamptz) AS expires_at
FROM claimed
UNION ALL
SELECT false, NULL, statement_timestamp(),
       record_id, tenant, action, idempotency_key, status, fence, version, life, attempt, refusals, provider_key_number,
       claim_token, owner, lease_until, fingerprint, stores_rows, result, result_codec, failure_code, failure_message,
       created_at, updated_at, expires_at
FROM tg_idempotency
WHERE record_id = :id AND NOT EXISTS (SELECT 1 FROM claimed)
