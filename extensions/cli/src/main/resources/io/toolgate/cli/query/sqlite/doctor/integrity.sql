-- Purpose:    damage that SQLite's own check finds in the file
-- Parameters: none
-- Index:      none: the whole file is read
-- Isolation:  part of the caller's snapshot of the WAL; takes no lock that blocks a writer
-- Rows:       1, always: the number found, and one of them as an example
SELECT count(*) AS found, min(integrity_check) AS example
FROM pragma_integrity_check
WHERE integrity_check <> 'ok'
