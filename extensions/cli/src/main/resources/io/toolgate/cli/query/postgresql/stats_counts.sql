-- Purpose:    outcomes of calls and late heartbeats by action, as the services counted them
-- Parameters: :since (milliseconds since 1970)
-- Index:      none: the table has a row for each action and hour
-- Isolation:  part of the caller's snapshot, REPEATABLE READ and READ ONLY; takes no lock that blocks a writer
-- Rows:       one for each action, in order
SELECT action, sum(executed) AS executed, sum(replayed) AS replayed, sum(recovered) AS recovered,
       sum(rejected) AS rejected, sum(released) AS released, sum(doubted) AS doubted, sum(conflicts) AS conflicts,
       sum(late_heartbeats) AS late_heartbeats
FROM tg_idempotency_counts
WHERE hour > to_timestamp(CAST(:since AS double precision) / 1000) - INTERVAL '1 hours'
GROUP BY action
ORDER BY action
