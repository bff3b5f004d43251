-- Purpose:    creates the migration history in the current schema, to be rolled back: fails as Flyway's creation of it
--             would fail, which Flyway repeats for ten seconds. Does nothing if there is one
-- Parameters: none
-- Index:      pg_class and pg_namespace, by name
-- Isolation:  any; waits for another transaction that creates it, and fails if that commits
-- Rows:       none
DO $$
BEGIN
    IF NOT EXISTS (
        SELECT FROM pg_catalog.pg_class AS c JOIN pg_catalog.pg_namespace AS n ON n.oid = c.relnamespace
        WHERE c.relname = 'tg_schema_history' AND c.relkind = 'r' AND n.nspname = current_schema())
    THEN
        CREATE TABLE tg_schema_history ();
    END IF;
END
$$
