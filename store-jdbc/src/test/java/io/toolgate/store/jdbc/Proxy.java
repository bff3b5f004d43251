package io.toolgate.store.jdbc;

import java.io.Closeable;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Predicate;

/**
 * A TCP proxy in front of PostgreSQL that reads the frontend's messages. It counts them, and cuts the connection when
 * it is told to: before the server sees a chosen message, or after the server answered it and before the client hears
 * of that.
 */
final class Proxy implements Closeable {
    /** Where to cut. */
    enum Cut {
        NEVER,
        BEFORE_THE_SERVER,
        AFTER_THE_SERVER
    }

    private final ServerSocket listener;
    private final int serverPort;
    private final List<Socket> sockets = new CopyOnWriteArrayList<>();
    private final List<String> messages = new CopyOnWriteArrayList<>();
    private volatile Cut cut = Cut.NEVER;
    private volatile Predicate<String> trigger = message -> false;
    private volatile int cuts;

    Proxy(int serverPort) throws IOException {
        this.serverPort = serverPort;
        this.listener = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
        daemon(this::accept);
    }

    int port() {
        return listener.getLocalPort();
    }

    /** Cuts the next connection on which the client sends a Parse or a Bind that fits. */
    void cutAt(Cut where, Predicate<String> trigger) {
        this.trigger = trigger;
        this.cut = where;
    }

    int cuts() {
        return cuts;
    }

    /** Forgets the messages seen so far. */
    void clear() {
        messages.clear();
    }

    /**
     * The types of the messages, but for the pool's own, since {@link #clear()}, as one text: P(arse) B(ind) D(escribe)
     * E(xecute) S(ync) Q(uery).
     */
    String types() {
        StringBuilder types = new StringBuilder();
        messages.forEach(message -> types.append(message.charAt(0)));
        return types.toString();
    }

    private void accept() {
        try {
            while (true) {
                Socket client = listener.accept();
                Socket server = new Socket(InetAddress.getLoopbackAddress(), serverPort);
                client.setTcpNoDelay(true);
                server.setTcpNoDelay(true);
                sockets.add(client);
                sockets.add(server);
                Link link = new Link(client, server);
                daemon(link::fromClient);
                daemon(link::fromServer);
            }
        } catch (IOException e) {
            // Closed.
        }
    }

    private final class Link {
        private final Socket client;
        private final Socket server;
        private volatile boolean muted;

        // Both only used by the thread that reads from the client.
        private final Set<String> emptyStatements = new HashSet<>();
        private boolean validating;

        Link(Socket client, Socket server) {
            this.client = client;
            this.server = server;
        }

        void fromClient() {
            try (DataInputStream in = new DataInputStream(client.getInputStream());
                    DataOutputStream out = new DataOutputStream(server.getOutputStream())) {
                // The startup message has no type.
                int length = in.readInt();
                byte[] startup = in.readNBytes(length - 4);
                out.writeInt(length);
                out.write(startup);
                while (true) {
                    byte type = in.readByte();
                    int size = in.readInt();
                    byte[] body = in.readNBytes(size - 4);
                    String message = (char) type + new String(body, StandardCharsets.ISO_8859_1);
                    if (!isValidation(message)) {
                        messages.add(message);
                    }
                    if (cut != Cut.NEVER && trigger.test(message)) {
                        boolean before = cut == Cut.BEFORE_THE_SERVER;
                        cut = Cut.NEVER;
                        cuts++;
                        if (before) {
                            client.close();
                            server.close();
                            return;
                        }
                        muted = true;
                    }
                    out.writeByte(type);
                    out.writeInt(size);
                    out.write(body);
                }
            } catch (IOException e) {
                close(client, server);
            }
        }

        /** The pool asks connections that were idle for a while whether they live, with an empty query. */
        private boolean isValidation(String message) {
            String[] texts = message.substring(1).split("\0", -1);
            if (message.charAt(0) == 'Q') {
                return texts[0].isEmpty();
            }
            if (message.charAt(0) == 'P') {
                validating = texts[1].isEmpty();
                boolean unused = validating ? emptyStatements.add(texts[0]) : emptyStatements.remove(texts[0]);
            } else if (message.charAt(0) == 'B') {
                validating = emptyStatements.contains(texts[1]);
            }
            boolean answer = validating;
            validating &= message.charAt(0) != 'S';
            return answer;
        }

        void fromServer() {
            try (DataInputStream in = new DataInputStream(server.getInputStream());
                    DataOutputStream out = new DataOutputStream(client.getOutputStream())) {
                while (true) {
                    byte type = in.readByte();
                    int size = in.readInt();
                    byte[] body = in.readNBytes(size - 4);
                    if (muted) {
                        // The server has done its work when it says that it is ready again.
                        if (type == 'Z') {
                            close(client, server);
                            return;
                        }
                        continue;
                    }
                    out.writeByte(type);
                    out.writeInt(size);
                    out.write(body);
                }
            } catch (IOException e) {
                close(client, server);
            }
        }
    }

    private static void close(Socket... sockets) {
        for (Socket socket : sockets) {
            try {
                socket.close();
            } catch (IOException e) {
                // It was closed from the other side.
            }
        }
    }

    private static void daemon(Runnable task) {
        Thread thread = new Thread(task, "proxy");
        thread.setDaemon(true);
        thread.start();
    }

    @Override
    public void close() throws IOException {
        listener.close();
        close(sockets.toArray(Socket[]::new));
    }
}
