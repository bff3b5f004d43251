-- Purpose:    records that expire before they were created, or moved more than a minute in the future
-- Parameters: :now
-- Index:      none: the whole table is read
-- Isolation:  a part of one snapshot of the WAL; takes no lock that a writer waits for
-- Rows:       1, always: how many were found, and one of them
SELECT count(*) AS found, min(lower(hex(t.record_id))) AS example
FROM tg_idempotency AS t
WHERE expires_at <= created_at OR updated_at > :now + 60000
