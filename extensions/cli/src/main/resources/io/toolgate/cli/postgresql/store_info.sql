-- Purpose:    which store this is
-- Parameters: none
-- Index:      none; the table has one row
-- Isolation:  a part of one snapshot of the caller's, REPEATABLE READ and READ ONLY; takes no lock that a writer waits for
-- Rows:       1, always
SELECT store_id::text AS store_id, created_at, current_setting('server_version') AS server,
       current_user::text AS role, current_schema()::text AS schema
FROM tg_store_info
