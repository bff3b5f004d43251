-- Purpose:    adds to the counters of the current hour, for the health view
-- Parameters: :counts (a JSON array of arrays, one for each action, sorted by name: the name's UTF-8 bytes in
--             hexadecimal, then eight counts), :now
-- Index:      the primary key of tg_idempotency_counts
-- Isolation:  autocommit
-- Rows:       none is returned. Rows written: the number of actions
-- Durability: synchronous=FULL, set on every connection of the store
INSERT INTO tg_idempotency_counts AS c (
    action, hour, executed, replayed, recovered, rejected, released, doubted, conflicts, late_heartbeats)
SELECT CAST(unhex(value ->> 0) AS TEXT), :now - :now % 3600000,
       value ->> 1, value ->> 2, value ->> 3, value ->> 4, value ->> 5, value ->> 6, value ->> 7,
       value ->> 8
FROM json_each(:counts)
WHERE true
ON CONFLICT (action, hour) DO UPDATE
SET executed = c.executed + excluded.executed,
    replayed = c.replayed + excluded.replayed,
    recovered = c.recovered + excluded.recovered,
    rejected = c.rejected + excluded.rejected,
    released = c.released + excluded.released,
    doubted = c.doubted + excluded.doubted,
    conflicts = c.conflicts + excluded.conflicts,
    late_heartbeats = c.late_heartbeats + excluded.late_heartbeats
