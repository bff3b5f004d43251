-- Purpose:    lets the journal (WAL) grow to 16000 pages, 64 MB, before it is folded into the database, sixteen times the
--             default: pages that many commits write are folded once then. A commit that folds holds up all others; with
--             4000 pages that doubled the 99th percentile of 64 callers
-- Parameters: none
-- Index:      none
-- Isolation:  a setting of this one connection, the only one that writes
-- Rows:       1: the setting
PRAGMA wal_autocheckpoint = 16000
