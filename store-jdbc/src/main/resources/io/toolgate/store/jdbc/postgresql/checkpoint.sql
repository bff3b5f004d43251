-- Purpose:    leaves a mark of how far a run came and gives the record a version of its own for it, if the token still owns
--             the record and the mark says something new
-- Parameters: :id, :token, :name, :codec, :data (NULL for the null value)
-- Index:      tg_idempotency_pkey, tg_idempotency_checkpoint_pkey
-- Isolation:  READ COMMITTED, autocommit. The record's row is locked first, so that marks of one run come one after another:
--             whoever waited sees the version that the other left. ON CONFLICT compares with the mark as it is by then,
--             whatever the snapshot shows. The token says who may: the clock is not asked, only noted
-- Rows:       1: written
--             0: not the owner any more, the run has ended, or this very mark is there already: read and decide again
--             more: never
-- Durability: forced_sync makes this very commit synchronous where role, database or session say otherwise
WITH owned AS (
    SELECT record_id, fence, version, created_at
    FROM tg_idempotency
    WHERE record_id = :id
      AND claim_token = :token
      AND status IN ('IN_PROGRESS', 'IN_DOUBT')
    FOR NO KEY UPDATE
),
marked AS (
    INSERT INTO tg_idempotency_checkpoint AS c (
        record_id, name, codec, data, fence, version, record_created_at, written_at)
    SELECT record_id, :name, :codec, CAST(:data AS bytea), fence, version + 1, created_at, statement_timestamp()
    FROM owned
    ON CONFLICT (record_id, name) DO UPDATE
    SET codec = excluded.codec,
        data = excluded.data,
        fence = excluded.fence,
        version = excluded.version,
        record_created_at = excluded.record_created_at,
        written_at = excluded.written_at
    WHERE c.fence <> excluded.fence
       OR c.record_created_at <> excluded.record_created_at
       OR c.codec <> excluded.codec
       OR c.data IS DISTINCT FROM excluded.data
    RETURNING c.record_id
)
UPDATE tg_idempotency AS t
SET version = t.version + 1,
    updated_at = CASE t.status WHEN 'IN_DOUBT' THEN t.updated_at ELSE statement_timestamp() END
FROM marked
WHERE t.record_id = marked.record_id
RETURNING t.status, t.version, statement_timestamp() AS at,
    CASE WHEN current_setting('synchronous_commit') IN ('off', 'local')
         THEN set_config('synchronous_commit', 'on', true) END AS forced_sync
