-- Purpose:    lets the journal (WAL) grow to 4000 pages, 16 MB, before it is folded into the database, four times the
--             default: pages that many commits write are folded once then, and fewer commits wait for it
-- Parameters: none
-- Index:      none
-- Isolation:  a setting of this one connection, the only one that writes
-- Rows:       1: the setting
PRAGMA wal_autocheckpoint = 4000
