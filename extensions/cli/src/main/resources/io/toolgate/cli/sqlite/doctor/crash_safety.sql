-- Purpose:    settings by which a crash of the machine can corrupt the database, or make it forget what it acknowledged
-- Parameters: none
-- Index:      none
-- Isolation:  a part of one snapshot of the WAL; takes no lock that a writer waits for
-- Rows:       1, always: how many were found, and one of them
SELECT count(*) AS found, min('journal_mode = ' || journal_mode) AS example
FROM pragma_journal_mode
WHERE lower(journal_mode) <> 'wal'
