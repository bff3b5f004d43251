package io.toolgate.store.jdbc;

import java.io.ByteArrayOutputStream;
import java.io.Closeable;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Function;

/**
 * A TCP proxy in front of PostgreSQL that reads the parameters of a connection's startup message: it may change them,
 * or answer instead of the server.
 */
public final class StartupProxy implements Closeable {
    private final ServerSocket listener = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
    private final int serverPort;
    private final Function<Map<String, String>, byte[]> answer;
    private final List<Socket> sockets = new CopyOnWriteArrayList<>();

    /**
     * A proxy to the test server.
     *
     * @param answer is given the parameters, which it may change, and returns what to answer; nothing to let the server
     */
    public StartupProxy(Function<Map<String, String>, byte[]> answer) throws IOException {
        this.serverPort = TestPostgres.port();
        this.answer = answer;
        daemon(this::accept);
    }

    /** One that lets no connection through. */
    static StartupProxy refusing(byte[] answer) throws IOException {
        return new StartupProxy(parameters -> answer);
    }

    /** The message with which a server, or a proxy, refuses a connection. */
    public static byte[] error(String state, String message) {
        String body = "SFATAL\0VFATAL\0C" + state + "\0M" + message + "\0\0";
        return message('E', body.getBytes(StandardCharsets.UTF_8));
    }

    /** The message with which a server asks for a password in clear text. */
    static byte[] passwordRequest() {
        return message('R', new byte[] {0, 0, 0, 3});
    }

    private static byte[] message(char type, byte[] body) {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try (DataOutputStream out = new DataOutputStream(bytes)) {
            out.writeByte(type);
            out.writeInt(body.length + 4);
            out.write(body);
        } catch (IOException e) {
            throw new AssertionError(e);
        }
        return bytes.toByteArray();
    }

    public int port() {
        return listener.getLocalPort();
    }

    private void accept() {
        try {
            while (true) {
                Socket client = listener.accept();
                sockets.add(client);
                daemon(() -> serve(client));
            }
        } catch (IOException e) {
            // Closed.
        }
    }

    private void serve(Socket client) {
        try (client) {
            DataInputStream in = new DataInputStream(client.getInputStream());
            int length = in.readInt();
            int protocol = in.readInt();
            String[] texts = new String(in.readNBytes(length - 8), StandardCharsets.UTF_8).split("\0");
            Map<String, String> parameters = new LinkedHashMap<>();
            for (int i = 0; i + 1 < texts.length; i += 2) {
                parameters.put(texts[i], texts[i + 1]);
            }
            byte[] reply = answer.apply(parameters);
            if (reply != null) {
                client.getOutputStream().write(reply);
                client.getOutputStream().flush();
                // Until the client has read it and closes.
                int unused = in.read();
                return;
            }
            try (Socket server = new Socket(InetAddress.getLoopbackAddress(), serverPort)) {
                sockets.add(server);
                StringBuilder body = new StringBuilder();
                parameters.forEach((name, value) ->
                        body.append(name).append('\0').append(value).append('\0'));
                byte[] startup = body.append('\0').toString().getBytes(StandardCharsets.UTF_8);
                DataOutputStream out = new DataOutputStream(server.getOutputStream());
                out.writeInt(startup.length + 8);
                out.writeInt(protocol);
                out.write(startup);
                out.flush();
                daemon(() -> copy(server, client));
                in.transferTo(out);
            }
        } catch (IOException e) {
            // The other side closed it.
        }
    }

    private static void copy(Socket from, Socket to) {
        try (InputStream in = from.getInputStream();
                OutputStream out = to.getOutputStream()) {
            in.transferTo(out);
        } catch (IOException e) {
            // Likewise.
        }
    }

    private static void daemon(Runnable task) {
        Thread thread = new Thread(task, "startup-proxy");
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
