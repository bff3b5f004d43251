-- Purpose: how many connections a PostgreSQL server allows, keeps for others, and has.
-- Parameters: none.
-- Index: none; settings and statistics only.
-- Isolation: any.
-- Rows: always 1: max_connections; those kept for superusers and, since PostgreSQL 16, for privileged roles; those in use,
-- this one among them.
SELECT current_setting('max_connections')::integer,
       current_setting('superuser_reserved_connections')::integer
         + coalesce(current_setting('reserved_connections', true)::integer, 0),
       (SELECT coalesce(sum(numbackends), 0)::integer FROM pg_stat_database)
