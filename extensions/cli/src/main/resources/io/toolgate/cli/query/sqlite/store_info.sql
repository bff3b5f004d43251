-- Purpose:    the identity of the store
-- Parameters: none
-- Index:      none; the table has one row
-- Isolation:  part of the caller's snapshot of the WAL; takes no lock that blocks a writer
-- Rows:       1, always
SELECT store_id, created_at, sqlite_version() AS server, NULL AS role, NULL AS schema
FROM tg_store_info
