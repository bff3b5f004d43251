-- Purpose:    makes SQLite lock and read the file, to see whether another connection is open
-- Parameters: none
-- Index:      none; sqlite_schema is small
-- Isolation:  PRAGMA locking_mode = EXCLUSIVE, of this connection
-- Rows:       1, always
SELECT count(*) AS objects FROM main.sqlite_schema
