package io.toolgate.store.jdbc.internal.open;

import io.toolgate.store.StoreException;
import io.toolgate.store.jdbc.internal.sql.StoreClock;
import java.time.Duration;
import java.util.function.UnaryOperator;
import javax.sql.DataSource;
import org.jspecify.annotations.Nullable;

/**
 * The settings of a store, as its builder collected them.
 *
 * @param user null to leave it to the URL
 * @param password null to leave it to the URL
 * @param migrate whether to create or upgrade the schema; null for the default of the database
 * @param journal whether the journal must be on, or off if this store migrates; null to leave it as it is
 * @param poolSize the number of connections; for SQLite, of readers; 0 for the default
 * @param statementTimeout how long the server works on one statement
 * @param transactionPooling whether a proxy may give each transaction another server connection
 * @param purgeOnly whether the role is only meant to purge
 * @param listener connections to listen on for notifications of other stores; null to use the URL, if it leads to the
 *     server
 * @param clock for tests: replaces the host's clock of a SQLite store
 * @param wrapper for tests: stands between the store and its connections
 * @param budget for tests: the time budget of an operation; null for twice the statement timeout
 */
public record StoreSettings(
        @Nullable String user,
        @Nullable String password,
        @Nullable Boolean migrate,
        @Nullable Boolean journal,
        int poolSize,
        Duration statementTimeout,
        boolean transactionPooling,
        boolean purgeOnly,
        @Nullable DataSource listener,
        @Nullable StoreClock clock,
        UnaryOperator<DataSource> wrapper,
        @Nullable Duration budget) {

    public static final Duration DEFAULT_STATEMENT_TIMEOUT = Duration.ofSeconds(5);

    /** The default of everything else. */
    public static StoreSettings defaults(@Nullable String user, @Nullable String password) {
        return new StoreSettings(
                user,
                password,
                null,
                null,
                0,
                DEFAULT_STATEMENT_TIMEOUT,
                false,
                false,
                null,
                null,
                UnaryOperator.identity(),
                null);
    }

    /** The time budget of an operation, after which the store counts as unavailable. */
    public Duration attemptBudget() {
        return budget == null ? statementTimeout.multipliedBy(2) : budget;
    }

    /** The connections that transactional runs may take at one time: half of them, so that other operations go on. */
    public int transactionsAtOnce() {
        return Math.max(1, (poolSize == 0 ? PostgresOpener.DEFAULT_POOL_SIZE : poolSize) / 2);
    }

    /**
     * Refuses settings that a caller's data source would not be given.
     *
     * @throws StoreException.Misconfigured if there are any
     */
    void refuseBesideDataSource() {
        String remedy = " would be ignored beside a data source. Set it there, or open the store by its URL";
        refuse(user != null, "user(…)" + remedy);
        refuse(password != null, "password(…)" + remedy);
    }

    /**
     * Refuses settings of what a SQLite file does not have.
     *
     * @throws StoreException.Misconfigured if there are any
     */
    public void refuseOnSqlite() {
        refuse(user != null, "A SQLite file has no roles: open it without user(…)");
        refuse(
                password != null,
                "A SQLite file has no password, and is not encrypted: open it without password(…), and encrypt"
                        + " results with EncryptedCodec");
        refuse(transactionPooling, "There is no proxy before a SQLite file: open it without transactionPooling(true)");
        refuse(
                listener != null,
                "A SQLite store takes no listener, since it watches its file: open it without listener(…)");
    }

    private static void refuse(boolean set, String message) {
        if (set) {
            throw new StoreException.Misconfigured(message);
        }
    }

    boolean migrateOr(boolean fallback) {
        return migrate == null ? fallback : migrate;
    }
}
