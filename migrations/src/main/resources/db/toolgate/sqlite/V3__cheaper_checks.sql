-- ToolGate schema, version 3, for SQLite 3.37 and newer: the version, and nothing else.
--
-- By hand, all or nothing:
--
--     sqlite3 -bail store.db 'BEGIN IMMEDIATE' '.read V3__cheaper_checks.sql' 'COMMIT'
--
-- On PostgreSQL version 3 puts one CHECK in the place of fourteen, which that server reads anew for each statement. SQLite
-- compiles them into the statement, once, and a statement is used many times. They stay as they are: all of them take an eighth
-- of the time where 64 callers share commits, and a twenty-fifth where one is alone. Libraries made for version 2 go on working
-- beside newer ones.


-- Fails, and changes nothing, unless the file is at version 2: no version is 0, says a CHECK of tg_store_info.
UPDATE tg_store_info SET schema_version = CASE schema_version WHEN 2 THEN 3 ELSE 0 END;
