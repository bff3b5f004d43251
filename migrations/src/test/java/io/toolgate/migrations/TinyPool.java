package io.toolgate.migrations;

import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;
import javax.sql.DataSource;

/** A connection pool at its barest: lends a fixed number of connections and fails when none is left. */
final class TinyPool implements AutoCloseable {

    private final List<Connection> connections = new ArrayList<>();
    private final Deque<Connection> free = new ArrayDeque<>();

    TinyPool(int size, DataSource source) throws SQLException {
        for (int i = 0; i < size; i++) {
            connections.add(source.getConnection());
        }
        free.addAll(connections);
    }

    DataSource dataSource() {
        return (DataSource) Proxy.newProxyInstance(
                getClass().getClassLoader(), new Class<?>[] {DataSource.class}, (self, method, arguments) -> lend());
    }

    List<Connection> connections() {
        return connections;
    }

    int lent() {
        return connections.size() - free.size();
    }

    @Override
    public void close() throws SQLException {
        for (Connection connection : connections) {
            connection.close();
        }
    }

    private Connection lend() throws SQLException {
        Connection connection = free.poll();
        if (connection == null) {
            throw new SQLException("all " + connections.size() + " connections are lent");
        }
        AtomicBoolean open = new AtomicBoolean(true);
        return (Connection) Proxy.newProxyInstance(
                getClass().getClassLoader(), new Class<?>[] {Connection.class}, (self, method, arguments) -> {
                    if (method.getName().equals("close")) {
                        if (open.getAndSet(false)) {
                            free.add(connection);
                        }
                        return null;
                    }
                    try {
                        return method.invoke(connection, arguments);
                    } catch (InvocationTargetException e) {
                        throw e.getCause();
                    }
                });
    }
}
