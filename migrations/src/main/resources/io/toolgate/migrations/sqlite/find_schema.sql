-- Purpose:    tells which of ToolGate's tables the file holds
-- Parameters: none
-- Index:      none; sqlite_schema is small
-- Isolation:  one statement, so one snapshot: it never sees half of a migration that commits meanwhile
-- Rows:       1, always; home is NULL if the file holds no ToolGate
SELECT 'main' AS current,
       CASE WHEN max(name IN ('tg_store_info', 'tg_idempotency')) = 1 THEN 'main' END AS home,
       coalesce(max(name = 'tg_store_info'), 0) AS store_info,
       coalesce(max(name = 'tg_idempotency'), 0) AS idempotency
FROM main.sqlite_schema
WHERE type = 'table'
