-- ToolGate schema, version 3, for SQLite 3.37 and newer: one CHECK on tg_idempotency is written another way.
--
-- By hand, all or nothing:
--
--     sqlite3 -bail store.db 'BEGIN IMMEDIATE' '.read V3__cheaper_checks.sql' 'COMMIT'
--
-- A sqlite3 in defensive mode says that sqlite_schema may not be modified, and changes nothing: there '.dbconfig defensive off'
-- comes first.
--
-- For "status IN (…)" with more than two values SQLite builds a table in memory, each time a row is written. That took four
-- fifths of what all seventeen CHECKs cost, and a third of the time of an INSERT in memory. The same said with OR costs next to
-- nothing. Every row that was right is right, and every row that was wrong is refused by the same name.
--
-- Changes this text and no row, as SQLite says how to: https://www.sqlite.org/lang_altertable.html, section 7. Triggers, the
-- journal's among them, and indexes stay. A table that lacks the text is left as it is. Services may go on meanwhile, and
-- libraries made for version 2 go on working beside newer ones.


-- Fails, and changes nothing, unless the file is at version 2: no version is 0, says a CHECK of tg_store_info.
UPDATE tg_store_info SET schema_version = CASE schema_version WHEN 2 THEN 3 ELSE 0 END;


-- Lets this connection write the text of the schema, until RESET.
PRAGMA writable_schema = ON;


-- The condition on the version is for those who run this without -bail.
UPDATE sqlite_schema
SET sql = replace(
    sql,
    'status IN (''IN_PROGRESS'', ''COMPLETED'', ''REJECTED'', ''RETRYABLE'', ''IN_DOUBT'')',
    '(status = ''IN_PROGRESS'' OR status = ''COMPLETED'' OR status = ''REJECTED'' OR status = ''RETRYABLE'''
        || ' OR status = ''IN_DOUBT'')')
WHERE type = 'table'
  AND name = 'tg_idempotency'
  AND (SELECT schema_version FROM tg_store_info) = 3;


-- OFF, and the schema is forgotten, so that the next statement reads it anew.
PRAGMA writable_schema = RESET;


-- Fails if the schema cannot be read; and tells all connections that it changed, which an UPDATE of it does not.
CREATE VIEW tg_schema_changed AS SELECT 1;
DROP VIEW tg_schema_changed;
