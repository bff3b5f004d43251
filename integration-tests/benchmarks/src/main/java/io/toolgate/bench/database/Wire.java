package io.toolgate.bench.database;

import io.toolgate.bench.contender.BenchDatabase;
import java.io.BufferedInputStream;
import java.io.BufferedOutputStream;
import java.io.Closeable;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.URI;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;

/**
 * A TCP proxy for a PostgreSQL server that counts the statements of clients, whatever their library. Connections
 * through it are not encrypted. Empty statements, with which pools validate connections, are not counted.
 */
public final class Wire implements Closeable {
    private static final int USUAL_PORT = 5432;
    private static final Duration QUIET = Duration.ofMillis(150);
    private static final Duration QUIET_WITHIN = Duration.ofSeconds(3);

    private final ServerSocket listener;
    private final String host;
    private final int port;
    private final List<Socket> sockets = new CopyOnWriteArrayList<>();
    private final AtomicLong statements = new AtomicLong();
    private final AtomicLong roundTrips = new AtomicLong();
    private final AtomicInteger busy = new AtomicInteger();
    private final AtomicInteger busyAtMost = new AtomicInteger();

    private Wire(String host, int port) throws IOException {
        this.listener = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
        this.host = host;
        this.port = port;
        daemon("wire", this::accept);
    }

    /**
     * The counters.
     *
     * @param statements that the server executed
     * @param roundTrips that clients waited for
     * @param busyAtMost the highest number of connections at work at a time
     */
    public record Count(long statements, long roundTrips, int busyAtMost) {}

    /** A proxy for the server of {@code place}. */
    public static Wire to(BenchDatabase place) throws IOException {
        URI address = address(place);
        String host = address.getHost();
        return new Wire(host == null ? "localhost" : host, address.getPort() < 0 ? USUAL_PORT : address.getPort());
    }

    private static URI address(BenchDatabase place) throws IOException {
        URI address = URI.create(place.url().substring("jdbc:".length()));
        if (address.isOpaque() || (address.getHost() == null && address.getAuthority() != null)) {
            throw new IOException("statements can only be counted on a server that is named as"
                    + " jdbc:postgresql://host:port/database, not on " + place);
        }
        return address;
    }

    /** {@code place}, reached through this proxy. */
    public BenchDatabase over(BenchDatabase place) throws IOException {
        URI address = address(place);
        // A server answers the question for encryption with a bare byte, which is no message: it is not to be asked.
        String url = "jdbc:postgresql://localhost:" + listener.getLocalPort() + address.getRawPath() + "?"
                + (address.getRawQuery() == null ? "" : address.getRawQuery() + "&")
                + "sslmode=disable&gssEncMode=disable";
        return new BenchDatabase(place.kind(), url, place.user(), place.password(), place.schema(), place.poolSize());
    }

    /**
     * Resets the counters after a short time without traffic, as pools may still fill after they were opened; does not
     * wait longer for clients that never pause.
     */
    public void reset() throws InterruptedException {
        long began = System.nanoTime();
        long seen = -1;
        while (roundTrips.get() != seen && System.nanoTime() - began < QUIET_WITHIN.toNanos()) {
            seen = roundTrips.get();
            Thread.sleep(QUIET.toMillis());
        }
        statements.set(0);
        roundTrips.set(0);
        busyAtMost.set(busy.get());
    }

    /** The counters since the last {@link #reset}. */
    public Count count() {
        return new Count(statements.get(), roundTrips.get(), busyAtMost.get());
    }

    private void accept() {
        try {
            while (true) {
                Socket client = listener.accept();
                Socket server = new Socket(host, port);
                client.setTcpNoDelay(true);
                server.setTcpNoDelay(true);
                sockets.add(client);
                sockets.add(server);
                AtomicBoolean working = new AtomicBoolean();
                daemon("wire-client", () -> forward(client, server, (in, out) -> fromClient(in, out, working)));
                daemon("wire-server", () -> forward(server, client, (in, out) -> fromServer(in, out, working)));
            }
        } catch (IOException e) {
            // Closed.
        }
    }

    private interface Direction {
        void run(DataInputStream in, DataOutputStream out) throws IOException;
    }

    private void forward(Socket from, Socket to, Direction direction) {
        try (from;
                to;
                DataInputStream in = new DataInputStream(new BufferedInputStream(from.getInputStream()));
                DataOutputStream out = new DataOutputStream(new BufferedOutputStream(to.getOutputStream()))) {
            direction.run(in, out);
        } catch (IOException e) {
            // Closed from one side.
        } finally {
            sockets.remove(from);
            sockets.remove(to);
        }
    }

    private void fromClient(DataInputStream in, DataOutputStream out, AtomicBoolean working) throws IOException {
        // The startup message has no type.
        copyBody(in, out, in.readInt());
        out.flush();
        FrontendMessages messages = new FrontendMessages();
        while (true) {
            byte type = in.readByte();
            byte[] body = in.readNBytes(in.readInt() - Integer.BYTES);
            switch (messages.kind(type, body)) {
                case STATEMENT -> statements.incrementAndGet();
                case STATEMENT_AND_ROUND_TRIP -> {
                    statements.incrementAndGet();
                    begun(working);
                }
                case ROUND_TRIP -> begun(working);
                case OTHER -> {}
            }
            out.writeByte(type);
            out.writeInt(body.length + Integer.BYTES);
            out.write(body);
            if (in.available() == 0) {
                out.flush();
            }
        }
    }

    private void begun(AtomicBoolean working) {
        roundTrips.incrementAndGet();
        if (working.compareAndSet(false, true)) {
            busyAtMost.accumulateAndGet(busy.incrementAndGet(), Math::max);
        }
    }

    private void fromServer(DataInputStream in, DataOutputStream out, AtomicBoolean working) throws IOException {
        while (true) {
            byte type = in.readByte();
            out.writeByte(type);
            copyBody(in, out, in.readInt());
            if (type == 'Z' && working.compareAndSet(true, false)) {
                busy.decrementAndGet();
            }
            if (in.available() == 0) {
                out.flush();
            }
        }
    }

    private static void copyBody(DataInputStream in, DataOutputStream out, int length) throws IOException {
        out.writeInt(length);
        out.write(in.readNBytes(length - Integer.BYTES));
    }

    private static void daemon(String name, Runnable task) {
        Thread thread = new Thread(task, name);
        thread.setDaemon(true);
        thread.start();
    }

    @Override
    public void close() throws IOException {
        listener.close();
        for (Socket socket : sockets) {
            socket.close();
        }
    }
}
