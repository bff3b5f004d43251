-- Purpose:    nothing to check: each SQLite connection sets this for itself, and the store's connections commit safely
-- Parameters: none
-- Index:      none
-- Isolation:  part of the caller's snapshot of the WAL; takes no lock that blocks a writer
-- Rows:       1, always: the number found, and one of them as an example
SELECT 0 AS found, NULL AS example
