package io.toolgate.store;

import org.jspecify.annotations.Nullable;

/** Failure of a store; each subclass is a kind of failure. Messages say what happened and what to do next. */
public abstract class StoreException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    StoreException(String message, @Nullable Throwable cause) {
        super(message, cause);
    }

    /**
     * The store could not be reached, or its answer was lost. The transition may or may not have happened; repeating
     * the call with the same token is safe.
     */
    public static final class Unavailable extends StoreException {
        private static final long serialVersionUID = 1L;

        /** An outage, or a call without an answer. */
        public Unavailable(String message, @Nullable Throwable cause) {
            super(message, cause);
        }
    }

    /** A bounded store is full of records that it must keep; nothing was written. */
    public static final class Full extends StoreException {
        private static final long serialVersionUID = 1L;

        /** A refusal for lack of space. */
        public Full(String message) {
            super(message, null);
        }
    }

    /** The database or its settings cannot be used: found when the store was opened, or later. */
    public static final class Misconfigured extends StoreException {
        private static final long serialVersionUID = 1L;

        /** A refused configuration. */
        public Misconfigured(String message) {
            super(message, null);
        }

        /** A refused configuration, detected by {@code cause}. */
        public Misconfigured(String message, @Nullable Throwable cause) {
            super(message, cause);
        }
    }

    /**
     * The store refuses the values of a call for good, for example as too large for a column. Nothing was written, and
     * repeating the call with the same values fails again.
     */
    public static final class Refused extends StoreException {
        private static final long serialVersionUID = 1L;

        /** A refusal of the values of one call. */
        public Refused(String message, @Nullable Throwable cause) {
            super(message, cause);
        }
    }

    /**
     * A result was stored inside the caller's own transaction, which was rolled back or has not committed: neither the
     * result nor the caller's rows exist. Nothing was written. The run may still fail with a classified failure;
     * otherwise the record is in doubt once its lease ends.
     */
    public static final class RolledBack extends StoreException {
        private static final long serialVersionUID = 1L;

        /** A refusal to store a result without the rows of its transaction. */
        public RolledBack(String message) {
            super(message, null);
        }
    }

    /**
     * The {@link Rows} of a result could not be written, so that their transaction was rolled back: neither the rows
     * nor the result are stored, and the record is as it was before. The cause is what the writer threw.
     */
    public static final class RowsFailed extends StoreException {
        private static final long serialVersionUID = 1L;

        /** A refusal to store a result without its rows. */
        public RowsFailed(String message, @Nullable Throwable cause) {
            super(message, cause);
        }
    }

    /** A stored row is invalid and cannot be read. It is left unchanged, and its action does not run again. */
    public static final class Corrupt extends StoreException {
        private static final long serialVersionUID = 1L;

        /** An invalid row. */
        public Corrupt(String message, @Nullable Throwable cause) {
            super(message, cause);
        }
    }

    /** The store was closed. */
    public static final class Closed extends StoreException {
        private static final long serialVersionUID = 1L;

        /** A call on a closed store. */
        public Closed(String message) {
            super(message, null);
        }
    }
}
