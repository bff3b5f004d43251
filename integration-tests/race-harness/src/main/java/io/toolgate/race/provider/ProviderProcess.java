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

/** Handle of a provider that runs in a child process. */
public final class ProviderProcess implements AutoCloseable {
    private final Child child;
    private final CompletableFuture<Integer> port;

    private ProviderProcess(Child child, CompletableFuture<Integer> port) {
        this.child = child;
        this.port = port;
    }

    /**
     * Starts a provider.
     *
     * @param command the command line of the child process
     * @param plan the provider's settings
     * @param log the file for its standard error
     */
    public static ProviderProcess start(List<String> command, ProviderMain.Plan plan, Path log) throws IOException {
        CompletableFuture<Integer> port = new CompletableFuture<>();
        Child child = Child.start("provider", command, log, new Child.Listener() {
            @Override
            public void said(String line) {
                try {
                    port.complete(Integer.parseInt(line));
                } catch (NumberFormatException e) {
                    port.completeExceptionally(
                            new IOException("the provider printed " + line + " instead of its port"));
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
            // It has ended already; port(…) reports why.
        }
        return provider;
    }

    /** Waits until the provider listens, and returns its port. */
    public int port(Duration patience) throws IOException, InterruptedException {
        try {
            return port.get(patience.toMillis(), TimeUnit.MILLISECONDS);
        } catch (ExecutionException e) {
            throw new IOException("the provider did not start: " + child.lastMessage(), e);
        } catch (TimeoutException e) {
            throw new IOException("the provider did not start within " + patience.toSeconds() + " s", e);
        }
    }

    /** The operating-system process. */
    public ProcessHandle handle() {
        return child.handle();
    }

    /** Stops the provider; when this returns, its ledger does not change any more. */
    public void stop() throws InterruptedException {
        child.stop();
    }

    /** Kills the provider. */
    @Override
    public void close() {
        child.close();
    }
}
