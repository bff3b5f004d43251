-- Purpose:    the writes of many callers in one commit: claim_insert.sql for each of the one, complete.sql or fail.sql for
--             each of the other
-- Parameters: :lockTimeout (text, with its unit); for the claims, arrays of one length, sorted by id: :ids, :tenants,
--             :actions, :keys, :tokens, :owners, :fingerprints, :leases, :retentions (in microseconds); for the ends
--             likewise: :endIds, :endTokens, :statuses, :results, :resultCodecs, :failureCodes,
--             :failureMessages. No id twice
-- Index:      tg_idempotency_pkey. The comparisons with 16 are always true: they make the planner expect few rows, so that
--             it takes the index also while the table is new and its statistics say nothing; LATERAL with OFFSET 0 does so
--             for the read
-- Isolation:  READ COMMITTED, autocommit. Rows are locked in the order of the ids, the claims before the ends, as the parts of
--             the UNION stand: processes that meet wait for each other in one order, and who ends a run that another claims waits
--             for nobody any more. Whoever holds one of the rows for longer than :lockTimeout makes the whole fail (55P03), so
--             that not all wait for one
-- Rows:       first, always, two without record_id: what was claimed; and what ended, with which version. In arrays, because a
--             row for each takes a tenth of the time of many; NULL for none. Then one for each record that a claim found.
--             Nothing of a claim: its record came or went meanwhile, ask again. Nothing of an end: not the owner any more, or
--             not in progress: read the record and decide again
-- Durability: forced_sync makes this very commit synchronous where role, database or session say otherwise
WITH settings AS MATERIALIZED (
    SELECT set_config('lock_timeout', :lockTimeout, true) AS lock_timeout,
           CASE WHEN current_setting('synchronous_commit') IN ('off', 'local')
                THEN set_config('synchronous_commit', 'on', true) END AS forced_sync
), claims AS (
    SELECT given.*
    FROM settings,
        unnest(CAST(:ids AS uuid[]), CAST(:tenants AS text[]), CAST(:actions AS text[]), CAST(:keys AS text[]),
               CAST(:tokens AS uuid[]), CAST(:owners AS text[]), CAST(:fingerprints AS bytea[]), CAST(:leases AS bigint[]),
               CAST(:retentions AS bigint[]))
        AS given (record_id, tenant, action, idempotency_key, claim_token, owner, fingerprint, lease, retention)
    WHERE octet_length(uuid_send(given.record_id)) = 16
), ends AS (
    SELECT given.*
    FROM settings,
        unnest(CAST(:endIds AS uuid[]), CAST(:endTokens AS uuid[]), CAST(:statuses AS text[]), CAST(:results AS bytea[]),
               CAST(:resultCodecs AS text[]), CAST(:failureCodes AS text[]), CAST(:failureMessages AS text[]))
        AS given (record_id, claim_token, status, result, result_codec, failure_code, failure_message)
    WHERE octet_length(uuid_send(given.record_id)) = 16
), claimed AS (
    INSERT INTO tg_idempotency AS t (
        record_id, tenant, action, idempotency_key, status, fence, version, claim_token, owner, lease_until, fingerprint,
        created_at, updated_at, expires_at)
    SELECT record_id, tenant, action, idempotency_key, 'IN_PROGRESS', 1, 1, claim_token, owner,
        statement_timestamp() + lease * INTERVAL '1 microsecond', fingerprint,
        statement_timestamp(), statement_timestamp(), statement_timestamp() + retention * INTERVAL '1 microsecond'
    FROM claims
    ON CONFLICT (record_id) DO NOTHING
    RETURNING t.record_id
), ended AS (
    UPDATE tg_idempotency AS t
    SET status = ends.status,
        version = t.version + 1,
        result = ends.result,
        result_codec = ends.result_codec,
        failure_code = ends.failure_code,
        failure_message = ends.failure_message,
        updated_at = statement_timestamp()
    FROM ends
    WHERE t.record_id = ends.record_id
      AND t.claim_token = ends.claim_token
      AND t.status = 'IN_PROGRESS'
    RETURNING t.record_id, t.version
)
SELECT statement_timestamp() AS read_at, array_agg(record_id) AS claimed_ids,
       CAST(NULL AS uuid[]) AS ended_ids, CAST(NULL AS bigint[]) AS ended_versions,
       CAST(NULL AS uuid) AS record_id, CAST(NULL AS text) AS tenant, CAST(NULL AS text) AS action,
       CAST(NULL AS text) AS idempotency_key, CAST(NULL AS text) AS status, CAST(NULL AS bigint) AS fence,
       CAST(NULL AS bigint) AS version, CAST(NULL AS uuid) AS claim_token, CAST(NULL AS text) AS owner,
       CAST(NULL AS timestamptz) AS lease_until, CAST(NULL AS bytea) AS fingerprint, CAST(NULL AS bytea) AS result,
       CAST(NULL AS text) AS result_codec, CAST(NULL AS text) AS failure_code, CAST(NULL AS text) AS failure_message,
       CAST(NULL AS timestamptz) AS created_at, CAST(NULL AS timestamptz) AS updated_at,
       CAST(NULL AS timestamptz) AS expires_at
FROM claimed
UNION ALL
SELECT statement_timestamp(), NULL, array_agg(record_id), array_agg(version),
       NULL, NULL, NULL, NULL, NULL, NULL, NULL,
       NULL, NULL, NULL, NULL, NULL, NULL,
       NULL, NULL, NULL, NULL, NULL
FROM ended
UNION ALL
SELECT statement_timestamp(), NULL, NULL, NULL,
       found.record_id, found.tenant, found.action, found.idempotency_key, found.status, found.fence, found.version,
       found.claim_token, found.owner, found.lease_until, found.fingerprint, found.result, found.result_codec,
       found.failure_code, found.failure_message, found.created_at, found.updated_at, found.expires_at
FROM (
    SELECT record_id FROM claims
    EXCEPT ALL
    SELECT record_id FROM claimed
) AS missed CROSS JOIN LATERAL (
    SELECT *
    FROM tg_idempotency AS t
    WHERE t.record_id = missed.record_id
    OFFSET 0
) AS found
