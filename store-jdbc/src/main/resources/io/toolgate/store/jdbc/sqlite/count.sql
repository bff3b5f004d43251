-- Purpose:    adds to the counts of the running hour, for the health view
-- Parameters: :counts (a JSON array with, for each action, an array of its name's UTF-8 in hexadecimal and its seven counts,
--             sorted by name), :now
-- Index:      the primary key of the counts
-- Isolation:  one autocommitted write; SQLite has one writer at a time
-- Rows:       none; the number of actions
-- Durability: synchronous=FULL, which every connection of the store has
INSERT INTO tg_idempotency_counts AS c (
    action, hour, executed, replayed, recovered, rejected, released, doubted, conflicts)
SELECT CAST(unhex(value ->> 0) AS TEXT), :now - :now % 3600000,
       value ->> 1, value ->> 2, value ->> 3, value ->> 4, value ->> 5, value ->> 6, value ->> 7
FROM json_each(:counts)
WHERE true
ON CONFLICT (action, hour) DO UPDATE
SET executed = c.executed + excluded.executed,
    replayed = c.replayed + excluded.replayed,
    recovered = c.recovered + excluded.recovered,
    rejected = c.rejected + excluded.rejected,
    released = c.released + excluded.released,
    doubted = c.doubted + excluded.doubted,
    conflicts = c.conflicts + excluded.conflicts
