-- Purpose:    settings with which a crash of the machine can corrupt the database or lose acknowledged commits
-- Parameters: none
-- Index:      none
-- Isolation:  part of the caller's snapshot of the WAL; takes no lock that blocks a writer
-- Rows:       1, always: the number found, and one of them as an example
SELECT count(*) AS found, min('journal_mode = ' || journal_mode) AS example
FROM pragma_journal_mode
WHERE lower(journal_mode) <> 'wal'
