-- Deletes ended rows whose retention is over, up to 1,000 a run; run it again until it says DELETE 0.
--
--     psql -v ON_ERROR_STOP=1 -f purge.sql
--
-- Uses the index on expires_at. Locks: the deleted rows only, for milliseconds.
-- The outer conditions repeat the inner ones on purpose: a row that was claimed anew between the two is looked at again
-- in its newest version, and stays. A row that is IN_PROGRESS or IN_DOUBT is never deleted, however old. The middle
-- condition keeps what ended late, or was learned late, for its full time from then on.
DELETE FROM tg_idempotency
WHERE record_id IN (
        SELECT record_id FROM tg_idempotency
        WHERE expires_at <= now()
          AND now() - updated_at >= expires_at - created_at
          AND status IN ('COMPLETED', 'REJECTED', 'RETRYABLE')
        ORDER BY expires_at
        LIMIT 1000)
  AND expires_at <= now()
  AND now() - updated_at >= expires_at - created_at
  AND status IN ('COMPLETED', 'REJECTED', 'RETRYABLE');
