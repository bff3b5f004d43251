-- Purpose:    reads the latest time that the store has recorded, so that the clock of a new boot does not start before
--             it
-- Parameters: none
-- Index:      the rowid, backwards over the newest thousand records: enough, since only tidiness of the stamps depends
--             on it
-- Isolation:  one snapshot of the WAL
-- Rows:       1, always; newest is at least the time of the installation
SELECT max(
    (SELECT created_at FROM tg_store_info),
    (SELECT coalesce(max(updated_at), 0)
     FROM (SELECT updated_at FROM tg_idempotency ORDER BY rowid DESC LIMIT 1000))) AS newest
