-- Purpose:    reads the settings of a connection that the store checks when it opens
-- Parameters: none
-- Index:      none
-- Isolation:  any
-- Rows:       1, always
SELECT (SELECT journal_mode FROM pragma_journal_mode) AS journal_mode,
       (SELECT synchronous FROM pragma_synchronous) AS synchronous,
       sqlite_version() AS version
