-- ToolGate schema, version 3, for SQLite 3.37 and newer: the version, and nothing else.
--
-- By hand, all or nothing:
--
--     sqlite3 -bail store.db 'BEGIN IMMEDIATE' '.read V3__cheaper_checks.sql' 'COMMIT'
--
-- On PostgreSQL version 3 puts one CHECK in the place of fourteen. Here all stay, for whoever edits the file by hand; the library
-- leaves them out on the one connection that it writes with (PRAGMA ignore_check_constraints), because it has checked by then
-- what they say. Libraries made for version 2 go on working beside newer ones.


-- Fails, and changes nothing, unless the file is at version 2: no version is 0, says a CHECK of tg_store_info.
UPDATE tg_store_info SET schema_version = CASE schema_version WHEN 2 THEN 3 ELSE 0 END;
