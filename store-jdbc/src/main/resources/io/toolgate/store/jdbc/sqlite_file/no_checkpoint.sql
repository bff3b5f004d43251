-- Purpose:    keeps a commit of this connection from copying a long WAL into the database file, which is the writer's
--             to do
-- Parameters: none
-- Index:      none
-- Isolation:  a setting of this connection
-- Rows:       1: the setting
PRAGMA wal_autocheckpoint = 0
