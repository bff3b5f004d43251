package io.toolgate.scenarios.offenders;

import io.toolgate.internal.base.Preconditions;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.ObjectInputStream;
import java.sql.Connection;
import java.sql.SQLException;

/** Breaks every rule of the architecture, to show that each can fail. */
public class Offender {
    static int mutable;

    int level(Connection connection) throws SQLException {
        return Preconditions.atLeastOne(connection.getTransactionIsolation(), "level");
    }

    long now() {
        mutable++;
        return System.currentTimeMillis();
    }

    Object read(byte[] bytes) throws IOException, ClassNotFoundException {
        return new ObjectInputStream(new ByteArrayInputStream(bytes)).readObject();
    }
}
