package io.toolgate.cli.health;

import io.toolgate.migrations.Database;
import java.util.List;

/**
 * An invariant of a store, with a query that counts its violations.
 *
 * @param name of the check, and of its statement
 * @param severity of a violation
 * @param meaning what is counted, and what to do about it
 */
public record HealthCheck(String name, Severity severity, String meaning) {
    /** Severity of a violation. */
    public enum Severity {
        /** The store is damaged: its guarantees may not hold. */
        FAULT,
        /** The guarantees hold, but an operator should look at it. */
        WARNING
    }

    private static HealthCheck fault(String name, String meaning) {
        return new HealthCheck(name, Severity.FAULT, meaning);
    }

    private static HealthCheck warning(String name, String meaning) {
        return new HealthCheck(name, Severity.WARNING, meaning);
    }

    /** The name of its statement. */
    public String statement() {
        return "doctor/" + name;
    }

    /** Whether it checks the journal, which may be off. */
    public boolean isOfJournal() {
        return name.startsWith("journal_");
    }

    /** All checks, faults first. */
    public static List<HealthCheck> all(Database database) {
        boolean postgresql = database == Database.POSTGRESQL;
        return List.of(
                fault(
                        "integrity",
                        postgresql
                                ? "invalid indexes or constraints: run REINDEX or VALIDATE CONSTRAINT"
                                : "damage that SQLite finds in the file: restore a backup"),
                fault("duplicates", "identities with more than one record: such a key can run twice"),
                fault("identities", "rows whose record_id does not match tenant, action and key: changed by hand"),
                fault("status_columns", "records whose result or failure does not fit their status"),
                fault("lengths", "records with a text or value of invalid length: changed by hand"),
                fault("reserved_codes", "records with one of the runtime's failure codes in the wrong status"),
                fault("versions", "records whose version, fence or attempts contradict each other"),
                fault("history", "decisions that do not fit their record"),
                fault("checkpoints", "checkpoints newer than their record"),
                fault(
                        "journal_gaps",
                        "journal entries that do not follow the one before; if it was off, use --journal-since"),
                fault(
                        "journal_agrees",
                        "records whose last change is not in the journal; if it was off, use --journal-since"),
                fault("expired_leases", "leases that ended over an hour ago: run a reconciler for these actions"),
                fault("hot_indexes", "indexes on columns that heartbeats update, which bloat the table: drop them"),
                fault("crash_safety", "settings with which a crash can lose acknowledged commits: turn them on"),
                warning("times", "records with impossible times: a clock was wrong"),
                warning("old_doubts", "records in doubt for over seven days: resolve them"),
                warning("quarantined", "quarantined records, which are no longer probed: resolve them"),
                warning(
                        "unavailable_results",
                        "completed records whose result is unavailable: supply it with 'toolgate resolve'"),
                warning("orphans", "checkpoints without a record, left by an older version's purge: delete them"),
                warning("retention_backlog", "records whose retention ended over a day ago: run 'toolgate purge'"),
                warning(
                        "commit_safety",
                        postgresql
                                ? "asynchronous commits, or standbys that no commit waits for: a failover may lack what"
                                        + " was acknowledged, so name one in synchronous_standby_names"
                                : "(nothing to check in SQLite)"));
    }
}
