package io.toolgate.migrations;

import java.sql.Connection;
import java.sql.DatabaseMetaData;
import java.sql.SQLException;

/**
 * A database product that ToolGate has a schema for. There is no default: any other product, and any version older
 * than the oldest one named here, is refused.
 */
public enum Database {

    /** PostgreSQL 14 and newer. */
    POSTGRESQL("PostgreSQL", "postgresql", 14, 0),

    /** SQLite 3.37 and newer; STRICT tables came with 3.37. */
    SQLITE("SQLite", "sqlite", 3, 37);

    private final String productName;
    private final String directory;
    private final int oldestMajor;
    private final int oldestMinor;

    Database(String productName, String directory, int oldestMajor, int oldestMinor) {
        this.productName = productName;
        this.directory = directory;
        this.oldestMajor = oldestMajor;
        this.oldestMinor = oldestMinor;
    }

    /**
     * Returns the product that a connection leads to.
     *
     * @throws UnsupportedDatabaseException for any other product, or an older version
     * @throws SQLException if the driver cannot read the product or its version
     */
    public static Database of(Connection connection) throws SQLException {
        DatabaseMetaData metaData = connection.getMetaData();
        String product = metaData.getDatabaseProductName();
        for (Database database : values()) {
            if (database.productName.equals(product)) {
                database.refuseOlder(metaData);
                return database;
            }
        }
        throw new UnsupportedDatabaseException("ToolGate does not support " + describe(metaData)
                + ". It supports PostgreSQL 14 and newer and SQLite 3.37 and newer; use a DataSource for one of these."
                + " Nothing was changed.");
    }

    /** Name of the folder that holds this database's scripts, in the jar and in the bundle. */
    public String directory() {
        return directory;
    }

    private void refuseOlder(DatabaseMetaData metaData) throws SQLException {
        int major = metaData.getDatabaseMajorVersion();
        int minor = metaData.getDatabaseMinorVersion();
        if (major < oldestMajor || (major == oldestMajor && minor < oldestMinor)) {
            throw new UnsupportedDatabaseException("ToolGate needs " + productName + " " + oldestMajor + "."
                    + oldestMinor + " or newer, and this is " + describe(metaData)
                    + ". Use a newer server or library. Nothing was changed.");
        }
    }

    /** Product, version and the start of the URL; the rest of a URL may hold a password. */
    private static String describe(DatabaseMetaData metaData) throws SQLException {
        String url = metaData.getURL();
        String start = "";
        if (url != null) {
            int second = url.indexOf(':', url.indexOf(':') + 1);
            start = second < 0 ? "" : " (" + url.substring(0, second) + ")";
        }
        return metaData.getDatabaseProductName() + " " + metaData.getDatabaseProductVersion() + start;
    }
}
