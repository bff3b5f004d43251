-- Purpose:    settings with which a crash of the machine can corrupt the database or lose acknowledged commits
-- Parameters: none
-- Index:      none
-- Isolation:  part of the caller's snapshot, REPEATABLE READ and READ ONLY; takes no lock that blocks a writer
-- Rows:       1, always: the number found, and one of them as an example
SELECT count(*) AS found, min(name || ' = ' || setting) AS example
FROM pg_catalog.pg_settings
WHERE name IN ('fsync', 'full_page_writes')
  AND setting <> 'on'
