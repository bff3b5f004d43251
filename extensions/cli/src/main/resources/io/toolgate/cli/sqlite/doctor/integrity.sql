-- Purpose:    what SQLite finds wrong with the file
-- Parameters: none
-- Index:      none: the whole file is read
-- Isolation:  a part of one snapshot of the WAL; takes no lock that a writer waits for
-- Rows:       1, always: how many were found, and one of them
SELECT count(*) AS found, min(integrity_check) AS example
FROM pragma_integrity_check
WHERE integrity_check <> 'ok'
