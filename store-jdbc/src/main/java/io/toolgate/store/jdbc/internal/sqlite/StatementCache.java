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
 * A SQLite connection that keeps the store's own statements compiled, because compiling one takes several times as
 * long as executing it.
 *
 * <p>Only these are kept: their texts never change, and they get no limits or timeouts. What a caller's body prepares
 * is not. Race: another process changes the schema; SQLite then recompiles a kept statement by itself. Used by one
 * thread at a time.
 */
public final class StatementCache extends JDBC4Connection {
    private final Set<String> texts;
    private final Map<String, CachedStatement> statements = new HashMap<>();

    /** Opens the file at {@code path}; keeps statements with these {@code texts}. */
    StatementCache(String path, Properties settings, Set<String> texts) throws SQLException {
        super("jdbc:sqlite:" + path, path, settings);
        this.texts = texts;
    }

    @Override
    public PreparedStatement prepareStatement(String sql, int type, int concurrency, int holdability)
            throws SQLException {
        // The constructor of the superclass may prepare a statement before the set is assigned.
        if (!isCached(texts, sql)) {
            return super.prepareStatement(sql, type, concurrency, holdability);
        }
        CachedStatement known = statements.get(sql);
        if (known != null && known.reuse()) {
            return known;
        }
        CachedStatement added = new CachedStatement(this, sql);
        if (known == null) {
            statements.put(sql, added);
        } else {
            // The kept one was not closed by its user: this one is used once.
            added.onlyOnce = true;
        }
        return added;
    }

    private static boolean isCached(@Nullable Set<String> texts, String sql) {
        return texts != null && texts.contains(sql);
    }

    private void forget(String sql, CachedStatement which) {
        statements.remove(sql, which);
    }

    /** A statement whose {@link #close} only resets it for the next use. */
    private static final class CachedStatement extends JDBC4PreparedStatement {
        private final StatementCache cache;
        private final String text;
        private final String @Nullable [] columns;
        private boolean inUse = true;
        private boolean onlyOnce;

        CachedStatement(StatementCache cache, String sql) throws SQLException {
            super((SQLiteConnection) cache, sql);
            this.cache = cache;
            this.text = sql;
            this.columns = rs.colsMeta;
        }

        boolean reuse() {
            if (inUse) {
                return false;
            }
            inUse = true;
            return true;
        }

        /** The driver discards the column names with each result, and would query each of them again. */
        @Override
        public java.sql.ResultSet getResultSet() throws SQLException {
            rs.colsMeta = columns;
            return super.getResultSet();
        }

        /**
         * The driver reads the key of each inserted row, with a statement that it leaves open. The store does not need
         * it; and while any statement is open, SQLite keeps refusing all others after an interrupt.
         */
        @Override
        public void updateGeneratedKeys() {}

        @Override
        public void close() throws SQLException {
            if (!inUse) {
                return;
            }
            inUse = false;
            boolean ready = false;
            try {
                if (!onlyOnce && !cache.isClosed()) {
                    rs.close();
                    // Also releases the bound values, which may be large.
                    clearParameters();
                    ready = true;
                }
            } finally {
                if (!ready) {
                    cache.forget(text, this);
                    super.close();
                }
            }
        }
    }
}
