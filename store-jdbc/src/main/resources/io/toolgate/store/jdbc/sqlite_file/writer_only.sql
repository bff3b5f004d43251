-- Purpose:    lets the WAL grow to 16000 pages (64 MB, sixteen times the default) before a commit copies it back into
--             the database file: a page that many commits write is then copied once. A commit that does so holds up
--             all others
-- Parameters: none
-- Index:      none
-- Isolation:  a setting of this connection, the only one that writes
-- Rows:       1: the setting
PRAGMA wal_autocheckpoint = 16000
