-- Purpose:    the identity of the store
-- Parameters: none
-- Index:      none; the table has one row
-- Isolation:  part of the caller's snapshot, REPEATABLE READ and READ ONLY; takes no lock that blocks a writer
-- Rows:       1, always
SELECT store_id::text AS store_id, created_at, current_setting('server_version') AS server,
       current_user::text AS role, current_schema()::text AS schema
FROM tg_store_info
