package io.toolgate.store.jdbc.internal.sqlite;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import io.toolgate.store.StoreException;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.locks.ReentrantLock;

/**
 * The SQLite files that this JVM has open, as all class loaders see them.
 *
 * <p>Race: this library, or the driver with its copy of SQLite, is loaded by two class loaders, as by two web
 * applications of one server, and both open a file. POSIX locks belong to the process: the two copies of SQLite do not
 * exclude each other, and whichever closes a descriptor drops the locks of the other. So the first to open a file
 * writes it down in a system property, which is all that they share, and the second is refused.
 */
public final class OpenInThisJvm implements AutoCloseable {
    private static final String PREFIX = "io.toolgate.sqlite.open:";

    /** Tells this loading of the class from others. */
    private static final String LOADED = UUID.randomUUID() + " by " + OpenInThisJvm.class.getClassLoader();

    private static final ReentrantLock lock = new ReentrantLock();

    /** How many stores of this class loader have each file open. */
    @GuardedBy("lock")
    private static final Map<String, Integer> STORES = new HashMap<>();

    private final String property;

    private OpenInThisJvm(String property) {
        this.property = property;
    }

    /**
     * Says that a store opens the file that is at {@code path}, before any connection to it is opened. Closed after the
     * last of them.
     *
     * @throws StoreException.Misconfigured if another class loader has it open
     */
    public static OpenInThisJvm register(Path path) {
        SqliteFile.Entry entry = SqliteFile.Entry.at(path);
        Object key = entry == null || entry.key() == null ? SqlitePlace.real(path) : entry.key();
        String property = PREFIX + key;
        lock.lock();
        try {
            Object other = System.getProperties().putIfAbsent(property, LOADED);
            if (other != null && !other.equals(LOADED)) {
                throw new StoreException.Misconfigured("The SQLite store " + path + " is open in this JVM already,"
                        + " through another copy of this library (loaded " + other + "). Two copies do not see each"
                        + " other's locks, and would run the same keys. Share one copy, such as in the server's own"
                        + " lib folder, and one store; or close the store of the other application, also when that is"
                        + " undeployed");
            }
            var unused = STORES.merge(property, 1, Integer::sum);
        } finally {
            lock.unlock();
        }
        return new OpenInThisJvm(property);
    }

    /** Whether no other loading of this class has said so before, for as long as this JVM runs. */
    static boolean isFirst(String property) {
        Object other = System.getProperties().putIfAbsent(property, LOADED);
        return other == null || other.equals(LOADED);
    }

    @Override
    public void close() {
        lock.lock();
        try {
            if (STORES.computeIfPresent(property, (name, stores) -> stores == 1 ? null : stores - 1) == null) {
                var unused = System.getProperties().remove(property, LOADED);
            }
        } finally {
            lock.unlock();
        }
    }
}
