-- Purpose:    settings by which a crash of the machine can corrupt the database, or make it forget what it acknowledged
-- Parameters: none
-- Index:      none
-- Isolation:  a part of one snapshot of the caller's, REPEATABLE READ and READ ONLY; takes no lock that a writer waits for
-- Rows:       1, always: how many were found, and one of them
SELECT count(*) AS found, min(name || ' = ' || setting) AS example
FROM pg_catalog.pg_settings
WHERE name IN ('fsync', 'full_page_writes')
  AND setting <> 'on'
