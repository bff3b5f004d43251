package io.toolgate.race.run;

import com.sun.management.UnixOperatingSystemMXBean;
import io.toolgate.support.UsageException;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * The needs of a run from the operating system: files and threads, which are limited for each process and each user. A
 * run that meets such a limit halfway shows nothing but that.
 *
 * @param harnessFiles how many files its own process opens at most, besides those that it has open
 * @param workerFiles how many files each worker opens at most
 * @param providerFiles how many files the provider opens at most
 * @param threads how many threads all its processes have at most
 */
public record Capacity(long harnessFiles, long workerFiles, long providerFiles, long threads) {
    // Class path, libraries, the file of classes, epoll, random numbers, standard streams: about 25 on JDK 17.
    private static final int JVM_FILES = 64;
    // Collector, compilers, reference handlers, reapers and pools' own: about 20 on JDK 17.
    private static final int JVM_THREADS = 40;
    // A pipe for each of the three streams, the history, and what starting a process takes meanwhile.
    private static final int CHILD_FILES = 6;
    // SQLite has three files for a connection: the database, its log and the log's index.
    private static final int CONNECTION_FILES = 3;
    // Idle ones that the JDK's HTTP client keeps.
    private static final int KEPT_SOCKETS = 5;
    // The provider and the embedded server's guard, and their successors while they are replaced.
    private static final int OTHER_CHILDREN = 4;

    private static final Path LIMITS = Path.of("/proc/self/limits");
    private static final Pattern MAX_PROCESSES = Pattern.compile("Max processes\\s+(\\d+)\\s.*");

    /**
     * A run's needs.
     *
     * @param processes how many workers it has at a time
     * @param duplicates how many threads of each call the gate
     * @param connections how many connections to the database each has
     */
    public static Capacity of(int processes, int duplicates, int connections) {
        int sockets = duplicates + KEPT_SOCKETS;
        return new Capacity(
                (long) CHILD_FILES * (processes + OTHER_CHILDREN),
                JVM_FILES + (long) CONNECTION_FILES * connections + sockets,
                JVM_FILES + (long) processes * sockets,
                // The provider has a thread for each request that goes on.
                (long) processes * (JVM_THREADS + 2L * duplicates) + (1L + OTHER_CHILDREN) * JVM_THREADS);
    }

    /**
     * Makes sure that this process, and the children that inherit its limits, may have as much.
     *
     * @throws UsageException if not, with the limit and what is needed
     */
    public void require() throws IOException {
        if (ManagementFactory.getOperatingSystemMXBean() instanceof UnixOperatingSystemMXBean system) {
            requireFiles(system.getMaxFileDescriptorCount(), system.getOpenFileDescriptorCount());
        }
        if (Files.isReadable(LIMITS)) {
            try (Stream<String> lines = Files.lines(LIMITS)) {
                requireThreads(lines);
            }
        }
    }

    void requireFiles(long limit, long open) {
        long needed = Math.max(open + harnessFiles, Math.max(workerFiles, providerFiles));
        if (limit < needed) {
            throw new UsageException("a process of this run needs up to " + needed + " open files, and may have "
                    + limit + ": raise the limit with ulimit -n " + needed
                    + ", or ask for fewer --processes or --duplicates");
        }
    }

    void requireThreads(Stream<String> limits) {
        Optional<Long> limit = limits.map(MAX_PROCESSES::matcher)
                .filter(Matcher::matches)
                .map(found -> Long.parseLong(found.group(1)))
                .findFirst();
        if (limit.isPresent() && limit.get() < threads) {
            throw new UsageException(
                    "this run needs up to " + threads + " threads, and its user may have " + limit.get()
                            + ": raise the limit with ulimit -u " + threads
                            + ", or ask for fewer --processes or --duplicates");
        }
    }
}
