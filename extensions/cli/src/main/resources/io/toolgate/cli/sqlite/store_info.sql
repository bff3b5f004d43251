-- Purpose:    which store this is
-- Parameters: none
-- Index:      none; the table has one row
-- Isolation:  a part of one snapshot of the WAL; takes no lock that a writer waits for
-- Rows:       1, always
SELECT store_id, created_at, sqlite_version() AS server, NULL AS role, NULL AS schema
FROM tg_store_info
