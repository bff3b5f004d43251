-- Deletes ended rows whose retention is over, up to 1,000 a run; run it again until it says DELETE 0.
--
--     psql -v ON_ERROR_STOP=1 -f purge.sql
--
-- Uses the index on expires_at. Locks: the deleted rows only, for milliseconds.
-- The outer conditions repeat the inner ones on purpose: a row that was claimed anew between the two is looked at again
-- in its newest version, and stays. What ended late is kept for as long after its end as it was to be kept from its
-- claim. A row that is IN_PROGRESS or IN_DOUBT is never deleted, however old.
DELETE FROM tg_idempotency
WHERE record_id IN (
        SELECT record_id FROM tg_idempotency
        WHERE expires_at <= now()
          AND updated_at + (expires_at - created_at) <= now()
          AND status IN ('COMPLETED', 'REJECTED', 'RETRYABLE')
        ORDER BY expires_at
        LIMIT 1000)
  AND expires_at <= now()
  AND updated_at + (expires_at - created_at) <= now()
  AND status IN ('COMPLETED', 'REJECTED', 'RETRYABLE');
