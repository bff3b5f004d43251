package io.toolgate.cli;

import io.toolgate.migrations.Database;
import java.util.List;

/**
 * An invariant, as a query that counts what breaks it.
 *
 * @param name of the check, and of its statement
 * @param severity what it means if something is found
 * @param meaning what was found, and what to do about it
 */
record Check(String name, Severity severity, String meaning) {
    /** What it means if a check finds something. */
    enum Severity {
        /** Something is broken: the guarantees may not hold. */
        FAULT,
        /** Somebody should look at it. */
        WARNING
    }

    private static Check fault(String name, String meaning) {
        return new Check(name, Severity.FAULT, meaning);
    }

    private static Check warning(String name, String meaning) {
        return new Check(name, Severity.WARNING, meaning);
    }

    /** The file of its statement. */
    String statement() {
        return "doctor/" + name;
    }

    /** Whether it judges the journal. */
    boolean isOfJournal() {
        return name.startsWith("journal_");
    }

    /** All checks, the gravest first. */
    static List<Check> all(Database database) {
        boolean postgresql = database == Database.POSTGRESQL;
        return List.of(
                fault(
                        "integrity",
                        postgresql
                                ? "indexes or constraints that the server does not vouch for: REINDEX, VALIDATE"
                                : "damage that SQLite finds in the file: restore a backup"),
                fault("duplicates", "identities with more than one record: such a key can run twice"),
                fault("identities", "rows whose record_id is not their texts': changed by hand"),
                fault("status_columns", "records whose result or failure does not go with their status"),
                fault("lengths", "records with texts or bytes of a length that is never written: changed by hand"),
                fault("reserved_codes", "records with a code of the runtime's own in a wrong status"),
                fault("versions", "records whose version is below their fence"),
                fault("history", "decisions that do not fit the record that they were about"),
                fault("checkpoints", "checkpoints that are ahead of their record"),
                fault(
                        "journal_gaps",
                        "journal entries that do not follow on the one before; if it was off in between: --journal-since"),
                fault(
                        "journal_agrees",
                        "records that moved and left no entry; if the journal was off: --journal-since"),
                fault("expired_leases", "leases that ended over an hour ago: no reconciler runs for their actions"),
                fault("hot_indexes", "indexes on columns that heartbeats write, which make the table grow: drop them"),
                fault("crash_safety", "settings by which a crash can forget what was acknowledged: turn them on"),
                warning("times", "records with times that cannot be: a clock was wrong"),
                warning("old_doubts", "doubts older than seven days: resolve them"),
                warning("quarantined", "doubts that nobody asks about any more: resolve them"),
                warning("orphans", "checkpoints without a record, of an older library's purge: delete them"),
                warning("retention_backlog", "records that could have been purged for a day: run 'toolgate purge'"),
                warning(
                        "commit_safety",
                        postgresql
                                ? "asynchronous commits or standbys, which can lack what was acknowledged"
                                : "(nothing to check in SQLite)"));
    }
}
