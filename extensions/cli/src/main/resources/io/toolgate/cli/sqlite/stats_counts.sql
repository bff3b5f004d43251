-- Purpose:    how often what happened to calls of each action, as the services counted it
-- Parameters: :since (milliseconds since 1970)
-- Index:      none: the table has a row an action and hour
-- Isolation:  a part of one snapshot of the WAL; takes no lock that a writer waits for
-- Rows:       one an action, in order
SELECT action, sum(executed) AS executed, sum(replayed) AS replayed, sum(recovered) AS recovered, sum(rejected) AS rejected,
       sum(released) AS released, sum(doubted) AS doubted, sum(conflicts) AS conflicts
FROM tg_idempotency_counts
WHERE hour > :since - 3600000
GROUP BY action
ORDER BY action
