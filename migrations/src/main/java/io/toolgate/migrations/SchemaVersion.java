package io.toolgate.migrations;

import java.util.function.Function;
import java.util.function.Supplier;

/** The version of ToolGate's schema in a database, compared with the version that this library was built for. */
public sealed interface SchemaVersion {

    /** The database has none of ToolGate's tables; {@link ToolGateMigrations#migrate} installs them. */
    record Absent() implements SchemaVersion {}

    /**
     * The database has the version that this library was built for.
     *
     * @param version that version
     */
    record Current(int version) implements SchemaVersion {}

    /**
     * The database has an older version; {@link ToolGateMigrations#migrate} upgrades it.
     *
     * @param version the version that is installed
     */
    record Older(int version) implements SchemaVersion {}

    /**
     * The database was migrated by a newer library. Migrating with this one changes nothing.
     *
     * @param version the version that is installed
     */
    record Newer(int version) implements SchemaVersion {}

    /** Maps each case to a value; exhaustive. */
    default <T> T fold(
            Supplier<? extends T> absent,
            Function<? super Current, ? extends T> current,
            Function<? super Older, ? extends T> older,
            Function<? super Newer, ? extends T> newer) {
        if (this instanceof Current it) {
            return current.apply(it);
        } else if (this instanceof Older it) {
            return older.apply(it);
        } else if (this instanceof Newer it) {
            return newer.apply(it);
        }
        return absent.get();
    }
}
