-- Purpose:    reads what is stored about a key beside its record: the checkpoints of its current life, and its latest
--             decisions. A retirement ends a life. The comparison of created_at is for a record that was deleted by
--             hand and left its checkpoints: the next one has life 1, too
-- Parameters: :id, :limit, :retired (the failure code)
-- Index:      tg_idempotency_pkey, tg_idempotency_checkpoint_pkey, tg_idempotency_history_pkey
-- Isolation:  any level; a plain read, no lock
-- Rows:       one of kind CHECKPOINT for each checkpoint, with its value in result and result_codec; at most :limit of
--             kind DECISION
SELECT 'DECISION' AS kind, decided_at AS read_at, NULL AS name, decision, operator, reason,
       record_id, tenant, action, idempotency_key, status, fence, version, life, attempt, refusals, provider_key_number,
       claim_token, owner, lease_until, fingerprint, stores_rows, result, result_codec, failure_code, failure_message,
       created_at, updated_at, expires_at
FROM (SELECT * FROM tg_idempotency_history WHERE record_id = :id ORDER BY decided_at DESC, version DESC LIMIT :limit)
    AS newest
UNION ALL
SELECT 'CHECKPOINT', c.written_at, c.name, NULL, NULL, NULL,
       c.record_id, NULL, NULL, NULL, NULL, c.fence, c.version, NULL, NULL, NULL, NULL,
       NULL, NULL, NULL, NULL, NULL, c.data, c.codec, NULL, NULL, NULL, NULL, NULL
FROM tg_idempotency_checkpoint AS c
JOIN tg_idempotency AS t
    ON t.record_id = c.record_id
   AND t.life = c.life
   AND t.created_at = c.record_created_at
   AND t.failure_code IS DISTINCT FROM :retired
WHERE c.record_id = :id
