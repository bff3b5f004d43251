-- Switches the journal on, for SQLite 3.37 and newer: from now on every transition of a record writes one row to
-- tg_idempotency_journal, in its own commit. By hand, all or nothing:
--
--     sqlite3 -bail store.db 'BEGIN IMMEDIATE' '.read journal_on.sql' 'COMMIT'
--
-- May be run again. Processes may keep running. SQLite has no roles: everybody who can write the file can change the
-- journal.
--
-- Writes the same rows as on PostgreSQL, with one difference: the entry of a checkpoint of a record in doubt, which
-- does not change updated_at, has the time of the checkpoint.


-- The first claim of a key.
CREATE TRIGGER IF NOT EXISTS tg_idempotency_journal_insert AFTER INSERT ON tg_idempotency
BEGIN
    INSERT INTO tg_idempotency_journal (record_id, at, fence, version, to_status, owner, lease_until)
    VALUES (NEW.record_id, NEW.updated_at, NEW.fence, NEW.version, NEW.status, NEW.owner, NEW.lease_until);
END;


-- Every later transition. A heartbeat does not change the version and writes nothing. The entry of a decision has the
-- decision, that of a checkpoint the checkpoint's name, from the rows that the same transaction has written before it
-- moved the record.
CREATE TRIGGER IF NOT EXISTS tg_idempotency_journal_update AFTER UPDATE ON tg_idempotency
WHEN NEW.version <> OLD.version
BEGIN
    INSERT INTO tg_idempotency_journal (
        record_id, at, fence, version, from_status, to_status, owner, lease_until, previous_lease_until,
        failure_code, failure_message, checkpoint, decision, operator, reason)
    SELECT NEW.record_id,
           CASE WHEN NEW.updated_at = OLD.updated_at THEN coalesce(c.written_at, NEW.updated_at) ELSE NEW.updated_at END,
           NEW.fence, NEW.version, OLD.status, NEW.status, NEW.owner,
           CASE NEW.status WHEN 'IN_PROGRESS' THEN NEW.lease_until END, OLD.lease_until,
           NEW.failure_code, NEW.failure_message, c.name, h.decision, h.operator, h.reason
    FROM (SELECT 1) AS one
    LEFT JOIN tg_idempotency_checkpoint AS c
        ON NEW.claim_token = OLD.claim_token AND NEW.status = OLD.status
       AND c.record_id = NEW.record_id AND c.version = NEW.version AND c.record_created_at = NEW.created_at
    LEFT JOIN tg_idempotency_history AS h
        ON NEW.claim_token <> OLD.claim_token AND NEW.status <> 'IN_PROGRESS'
       AND h.record_id = OLD.record_id AND h.version = OLD.version AND h.created_at = OLD.created_at;
END;
