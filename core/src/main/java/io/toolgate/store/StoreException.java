package io.toolgate.store;

import org.jspecify.annotations.Nullable;

/** A store could not do what it was asked to do. Each subclass says of which kind the trouble is. */
public abstract class StoreException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    StoreException(String message, @Nullable Throwable cause) {
        super(message, cause);
    }

    /**
     * The store could not be reached, or stayed silent on whether it did what it was asked. The transition may or may
     * not have happened; asking again with the same token is safe.
     */
    public static final class Unavailable extends StoreException {
        private static final long serialVersionUID = 1L;

        /** An outage. */
        public Unavailable(String message, @Nullable Throwable cause) {
            super(message, cause);
        }
    }

    /** The store is bounded and full of records that it must not forget; nothing was written. */
    public static final class Full extends StoreException {
        private static final long serialVersionUID = 1L;

        /** A refusal for lack of room. */
        public Full(String message) {
            super(message, null);
        }
    }

    /** The store is not set up as it must be: refused when it is opened, or when it is found out later. */
    public static final class Misconfigured extends StoreException {
        private static final long serialVersionUID = 1L;

        /** A refusal of a set-up, for the reason given. */
        public Misconfigured(String message) {
            super(message, null);
        }

        /** A refusal of a set-up, found out through {@code cause}. */
        public Misconfigured(String message, @Nullable Throwable cause) {
            super(message, cause);
        }
    }

    /**
     * The store refuses these very values, for good: too large for a column, say. Nothing was written, and asking again
     * with the same values gives the same answer.
     */
    public static final class Refused extends StoreException {
        private static final long serialVersionUID = 1L;

        /** A refusal of the values of one call. */
        public Refused(String message, @Nullable Throwable cause) {
            super(message, cause);
        }
    }

    /**
     * The result was stored inside a transaction of the caller's, and that transaction was rolled back, or has not committed
     * yet: neither the result nor the caller's rows are there. Nothing was written. The run may say how it ended by failing;
     * otherwise the record is found in doubt when its lease ends.
     */
    public static final class RolledBack extends StoreException {
        private static final long serialVersionUID = 1L;

        /** A refusal to store a result apart from the rows that belong to it. */
        public RolledBack(String message) {
            super(message, null);
        }
    }

    /** A row that cannot be read back: it is left as it is, and never run again on that account. */
    public static final class Corrupt extends StoreException {
        private static final long serialVersionUID = 1L;

        /** A row that makes no sense, for the reason given. */
        public Corrupt(String message, @Nullable Throwable cause) {
            super(message, cause);
        }
    }

    /** The store was closed. */
    public static final class Closed extends StoreException {
        private static final long serialVersionUID = 1L;

        /** A call that came too late. */
        public Closed(String message) {
            super(message, null);
        }
    }
}
