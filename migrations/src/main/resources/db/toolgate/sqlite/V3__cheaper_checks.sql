-- ToolGate schema, version 3, for SQLite 3.37 and newer: one CHECK on tg_idempotency is written another way.
--
-- By hand, all or nothing:
--
--     sqlite3 -bail store.db 'BEGIN IMMEDIATE' '.read V3__cheaper_checks.sql' 'COMMIT'
--
-- A sqlite3 in defensive mode reports that sqlite_schema may not be modified, and changes nothing: run
-- '.dbconfig defensive off' first.
--
-- For "status IN (…)" with more than two values SQLite builds a temporary table each time a row is written, which made
-- this CHECK more expensive than all others together. The same condition with OR costs almost nothing. It accepts and
-- refuses the same rows, under the same name.
--
-- Changes the text of the schema and no row, in the documented way: https://www.sqlite.org/lang_altertable.html,
-- section 7. Triggers, those of the journal included, and indexes stay. A table without that text is left as it is.
-- Services may keep running, and libraries made for version 2 keep working beside newer ones.


-- Precondition: the file is at version 2. Otherwise this fails on a CHECK of tg_store_info, which refuses version 0.
UPDATE tg_store_info SET schema_version = CASE schema_version WHEN 2 THEN 3 ELSE 0 END;


-- Allows this connection to write the text of the schema, until RESET.
PRAGMA writable_schema = ON;


-- The condition on the version protects a run without -bail.
UPDATE sqlite_schema
SET sql = replace(
    sql,
    'status IN (''IN_PROGRESS'', ''COMPLETED'', ''REJECTED'', ''RETRYABLE'', ''IN_DOUBT'')',
    '(status = ''IN_PROGRESS'' OR status = ''COMPLETED'' OR status = ''REJECTED'' OR status = ''RETRYABLE'''
        || ' OR status = ''IN_DOUBT'')')
WHERE type = 'table'
  AND name = 'tg_idempotency'
  AND (SELECT schema_version FROM tg_store_info) = 3;


-- Switches it off and makes the next statement read the schema again.
PRAGMA writable_schema = RESET;


-- Fails if the schema cannot be parsed; and notifies all connections of the change, which the UPDATE above does not.
CREATE VIEW tg_schema_changed AS SELECT 1;
DROP VIEW tg_schema_changed;
