package io.toolgate.race.provider;

import io.toolgate.support.Json;
import io.toolgate.support.process.Child;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/** A provider in a process of its own, as its parent sees it. */
public final class ProviderProcess implements AutoCloseable {
    private final Child child;
    private final CompletableFuture<Integer> port;

    private ProviderProcess(Child child, CompletableFuture<Integer> port) {
        this.child = child;
        this.port = port;
    }

    /**
     * Starts one.
     *
     * @param command that makes this program a provider
     * @param log where its complaints go
     */
    public static ProviderProcess start(List<String> command, ProviderMain.Plan plan, Path log) throws IOException {
        CompletableFuture<Integer> port = new CompletableFuture<>();
        Child child = Child.start("provider", command, log, new Child.Listener() {
            @Override
            public void said(String line) {
                try {
                    port.complete(Integer.parseInt(line));
                } catch (NumberFormatException e) {
                    port.completeExceptionally(new IOException("the provider said " + line + " and not its port"));
                }
            }

            @Override
            public void ended(int exitStatus) {
                port.completeExceptionally(new IOException("the provider ended with status " + exitStatus));
            }
        });
        ProviderProcess provider = new ProviderProcess(child, port);
        try {
            child.send(Json.line(plan));
        } catch (IOException e) {
            // It ended already; whoever asks for its port is told how.
        }
        return provider;
    }

    /** The port that it listens on, once it does. */
    public int port(Duration patience) throws IOException, InterruptedException {
        try {
            return port.get(patience.toMillis(), TimeUnit.MILLISECONDS);
        } catch (ExecutionException e) {
            throw new IOException("the provider did not start: " + child.lastMessage(), e);
        } catch (TimeoutException e) {
            throw new IOException("the provider did not start within " + patience.toSeconds() + " s", e);
        }
    }

    /** Its operating-system process. */
    public ProcessHandle handle() {
        return child.handle();
    }

    /** Ends it; when this returns its ledger does not change any more. */
    public void stop() throws InterruptedException {
        child.stop();
    }

    /** Ends it at once. */
    @Override
    public void close() {
        child.close();
    }
}
