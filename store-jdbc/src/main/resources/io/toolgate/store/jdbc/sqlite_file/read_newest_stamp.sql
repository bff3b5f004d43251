-- Purpose:    the newest time that the store has seen, so that a new boot does not begin before it
-- Parameters: none
-- Index:      the rowid; the newest thousand records are enough for what nothing but tidiness depends on
-- Isolation:  one snapshot of the WAL
-- Rows:       1, always; newest is at least the time of the installation
SELECT max(
    (SELECT created_at FROM tg_store_info),
    (SELECT coalesce(max(updated_at), 0)
     FROM (SELECT updated_at FROM tg_idempotency ORDER BY rowid DESC LIMIT 1000))) AS newest
