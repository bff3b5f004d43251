-- Purpose:    finds the schema of search_path that holds ToolGate's tables, and the one that new tables would go to
-- Parameters: none
-- Index:      pg_class and pg_namespace, by name
-- Isolation:  one statement, so one snapshot: it never sees half of a migration that commits meanwhile
-- Rows:       1, always; home is NULL if no schema of search_path holds ToolGate, current is NULL if none exists
SELECT current_schema() AS current,
       found.home,
       coalesce(found.store_info, false) AS store_info,
       coalesce(found.idempotency, false) AS idempotency
FROM (SELECT 1) AS one
LEFT JOIN (
    SELECT n.nspname AS home,
           bool_or(c.relname = 'tg_store_info') AS store_info,
           bool_or(c.relname = 'tg_idempotency') AS idempotency
    FROM pg_catalog.pg_class AS c
    JOIN pg_catalog.pg_namespace AS n ON n.oid = c.relnamespace
    WHERE c.relname IN ('tg_store_info', 'tg_idempotency')
      AND c.relkind IN ('r', 'p')
      AND n.nspname = ANY (current_schemas(false))
    GROUP BY n.nspname
    ORDER BY array_position(current_schemas(false), n.nspname)
    LIMIT 1
) AS found ON true
