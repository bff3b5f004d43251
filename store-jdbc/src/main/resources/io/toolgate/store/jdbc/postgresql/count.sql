-- Purpose:    adds to the counters of the current hour, for the health view
-- Parameters: :counts (a JSON array of arrays, one for each action, sorted by name: the name's UTF-8 bytes in
--             hexadecimal, then eight counts)
-- Index:      tg_idempotency_counts_pkey
-- Isolation:  READ COMMITTED, autocommit. Rows are locked in the order of the names, so that two processes cannot
--             deadlock
-- Rows:       none is returned. Rows written: the number of actions
-- Durability: as the session has it. A crash may lose counts, nothing else
INSERT INTO tg_idempotency_counts AS c (
    action, hour, executed, replayed, recovered, rejected, released, doubted, conflicts, late_heartbeats)
SELECT convert_from(decode(of_one ->> 0, 'hex'), 'UTF8'), date_trunc('hour', statement_timestamp(), 'UTC'),
       CAST(of_one ->> 1 AS bigint), CAST(of_one ->> 2 AS bigint), CAST(of_one ->> 3 AS bigint),
       CAST(of_one ->> 4 AS bigint), CAST(of_one ->> 5 AS bigint), CAST(of_one ->> 6 AS bigint),
       CAST(of_one ->> 7 AS bigint), CAST(of_one ->> 8 AS bigint)
FROM jsonb_array_elements(CAST(:counts AS jsonb)) WITH ORDINALITY AS given (of_one, position)
ORDER BY position
ON CONFLICT (action, hour) DO UPDATE
SET executed = c.executed + excluded.executed,
    replayed = c.replayed + excluded.replayed,
    recovered = c.recovered + excluded.recovered,
    rejected = c.rejected + excluded.rejected,
    released = c.released + excluded.released,
    doubted = c.doubted + excluded.doubted,
    conflicts = c.conflicts + excluded.conflicts,
    late_heartbeats = c.late_heartbeats + excluded.late_heartbeats
