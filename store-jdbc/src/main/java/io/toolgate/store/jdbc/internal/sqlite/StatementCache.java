package io.toolgate.store.jdbc.internal.sqlite;

import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.util.HashMap;
import java.util.Map;
import java.util.Properties;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.sqlite.SQLiteConnection;
import org.sqlite.jdbc4.JDBC4Connection;
import org.sqlite.jdbc4.JDBC4PreparedStatement;

/**
 * A connection to SQLite that keeps the store's own statements compiled: to compile one takes several times as long as to run it.
 *
 * <p>Only these, whose texts never change, and which nobody sets limits or timeouts on: what a caller's body prepares is its own.
 * SQLite compiles a kept statement anew by itself when the schema has changed. Used by one thread at a time.
 */
public final class StatementCache extends JDBC4Connection {
    private final Set<String> texts;
    private final Map<String, Kept> kept = new HashMap<>();

    /** Opens the file at {@code path}, and keeps statements with these {@code texts}. */
    StatementCache(String path, Properties settings, Set<String> texts) throws SQLException {
        super("jdbc:sqlite:" + path, path, settings);
        this.texts = texts;
    }

    @Override
    public PreparedStatement prepareStatement(String sql, int type, int concurrency, int holdability)
            throws SQLException {
        // Where the constructor of the class above prepares something, there is no set yet.
        if (!isKept(texts, sql)) {
            return super.prepareStatement(sql, type, concurrency, holdability);
        }
        Kept known = kept.get(sql);
        if (known != null && known.lend()) {
            return known;
        }
        Kept fresh = new Kept(this, sql);
        if (known == null) {
            kept.put(sql, fresh);
        } else {
            // Whoever has the other one lost it: this one is closed when it is.
            fresh.onlyOnce = true;
        }
        return fresh;
    }

    private static boolean isKept(@Nullable Set<String> texts, String sql) {
        return texts != null && texts.contains(sql);
    }

    private void forget(String sql, Kept which) {
        kept.remove(sql, which);
    }

    /** A statement that closing only makes ready for its next use. */
    private static final class Kept extends JDBC4PreparedStatement {
        private final StatementCache home;
        private final String text;
        private final String @Nullable [] columns;
        private boolean lent = true;
        private boolean onlyOnce;

        Kept(StatementCache home, String sql) throws SQLException {
            super((SQLiteConnection) home, sql);
            this.home = home;
            this.text = sql;
            this.columns = rs.colsMeta;
        }

        boolean lend() {
            if (lent) {
                return false;
            }
            lent = true;
            return true;
        }

        /** The driver forgets the names of the columns with each result, and would ask for each of them again. */
        @Override
        public java.sql.ResultSet getResultSet() throws SQLException {
            rs.colsMeta = columns;
            return super.getResultSet();
        }

        /**
         * The driver asks for the key of each row inserted, by a statement that it leaves open. Nobody wants it here; and while any
         * statement is open, SQLite goes on to refuse everything once somebody interrupted it.
         */
        @Override
        public void updateGeneratedKeys() {}

        @Override
        public void close() throws SQLException {
            if (!lent) {
                return;
            }
            lent = false;
            boolean ready = false;
            try {
                if (!onlyOnce && !home.isClosed()) {
                    rs.close();
                    // Also lets go of what was bound, which may be large.
                    clearParameters();
                    ready = true;
                }
            } finally {
                if (!ready) {
                    home.forget(text, this);
                    super.close();
                }
            }
        }
    }
}
