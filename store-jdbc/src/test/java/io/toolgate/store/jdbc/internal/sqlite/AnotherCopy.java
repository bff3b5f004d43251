package io.toolgate.store.jdbc.internal.sqlite;

import io.toolgate.store.jdbc.JdbcIdempotencyStore;
import java.io.File;
import java.net.MalformedURLException;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** The library, its driver and SQLite, loaded once more in this JVM, as a web application has them. */
final class AnotherCopy {
    private AnotherCopy() {}

    /** Another copy of everything on the class path. */
    static URLClassLoader load() throws MalformedURLException {
        List<URL> urls = new ArrayList<>();
        for (String entry : System.getProperty("java.class.path").split(File.pathSeparator)) {
            urls.add(Path.of(entry).toUri().toURL());
        }
        return new URLClassLoader(urls.toArray(URL[]::new), ClassLoader.getPlatformClassLoader());
    }

    /** Opens the store in {@code file} by that copy. */
    static AutoCloseable open(ClassLoader copy, Path file) throws ReflectiveOperationException {
        return (AutoCloseable) copy.loadClass(JdbcIdempotencyStore.class.getName())
                .getMethod("open", String.class)
                .invoke(null, "jdbc:sqlite:" + file);
    }
}
