-- Purpose:    nothing: in SQLite each connection chooses for itself, and the store's choose rightly
-- Parameters: none
-- Index:      none
-- Isolation:  a part of one snapshot of the WAL; takes no lock that a writer waits for
-- Rows:       1, always: how many were found, and one of them
SELECT 0 AS found, NULL AS example
