-- Six monitoring queries. All are read-only; if the table is large, run those marked (whole table) on a standby or in
-- a quiet hour.

-- Which records need attention? (whole table) IN_DOUBT rows need a decision. IN_PROGRESS rows with an expired lease
-- have lost their owner: the next caller of the key recovers them. If their number grows, no caller comes back. Of
-- COMPLETED rows without a result nothing runs again; 'toolgate resolve' supplies it.
SELECT status,
       count(*) AS records,
       count(*) FILTER (WHERE status = 'IN_PROGRESS' AND lease_until < now()) AS lease_over,
       count(*) FILTER (WHERE status = 'COMPLETED' AND failure_code IS NOT NULL) AS without_result,
       min(updated_at) AS oldest_change
FROM tg_idempotency
GROUP BY status
ORDER BY status;

-- Does the purge keep up? A growing number means no. Uses the index on expires_at.
SELECT count(*) AS past_retention, min(expires_at) AS oldest
FROM tg_idempotency
WHERE expires_at <= now();

-- Are updates heap-only (HOT)? hot_percent stays far above 50 unless an index was added or fillfactor was raised.
SELECT n_live_tup AS live,
       n_dead_tup AS dead,
       round(100.0 * n_tup_hot_upd / nullif(n_tup_upd, 0), 1) AS hot_percent,
       last_autovacuum,
       pg_size_pretty(pg_total_relation_size(relid)) AS size
FROM pg_stat_user_tables
WHERE relid = 'tg_idempotency'::regclass;

-- Does each record_id match its texts? Expect no row; a row was edited by hand. (whole table)
SELECT record_id, tenant, action
FROM tg_idempotency
WHERE record_id <> tg_record_id(tenant, action, idempotency_key)
LIMIT 20;

-- Is there a row that the library would never write? Expect none; a row was edited by hand. The CHECK of the table
-- refuses only a status that does not fit the codes, because checking all of this would slow down every write. (whole
-- table)
SELECT record_id, status, wrong
FROM (
    SELECT record_id,
           status,
           concat_ws(', ',
               CASE WHEN status NOT IN ('IN_PROGRESS', 'COMPLETED', 'REJECTED', 'RETRYABLE', 'IN_DOUBT') THEN 'status' END,
               CASE WHEN result IS NOT NULL AND result_codec IS NULL THEN 'result' END,
               CASE WHEN failure_message IS NOT NULL AND failure_code IS NULL THEN 'failure_message' END,
               CASE WHEN octet_length(tenant) NOT BETWEEN 1 AND 255 THEN 'length of tenant' END,
               CASE WHEN octet_length(action) NOT BETWEEN 1 AND 255 THEN 'length of action' END,
               CASE WHEN octet_length(idempotency_key) NOT BETWEEN 1 AND 255 THEN 'length of idempotency_key' END,
               CASE WHEN octet_length(owner) > 255 THEN 'length of owner' END,
               CASE WHEN octet_length(fingerprint) <> 32 THEN 'length of fingerprint' END,
               CASE WHEN octet_length(result_codec) > 255 THEN 'length of result_codec' END,
               CASE WHEN octet_length(failure_code) > 100 THEN 'length of failure_code' END,
               CASE WHEN octet_length(failure_message) > 4000 THEN 'length of failure_message' END,
               CASE WHEN fence < 1 THEN 'fence' END,
               CASE WHEN version < 1 OR version < fence THEN 'version' END,
               CASE WHEN life < 1 OR attempt < 0 OR refusals < 0 OR provider_key_number < 0 THEN 'numbers' END,
               CASE WHEN expires_at <= created_at THEN 'expires_at' END) AS wrong
    FROM tg_idempotency
) AS checked
WHERE wrong <> ''
LIMIT 20;

-- How large is each table? The journal only grows; the others follow the number of records.
SELECT relname, n_live_tup AS live, pg_size_pretty(pg_total_relation_size(relid)) AS size
FROM pg_stat_user_tables
WHERE relname LIKE 'tg\_idempotency%'
ORDER BY pg_total_relation_size(relid) DESC;
