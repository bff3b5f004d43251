package io.toolgate;

import java.io.File;
import java.io.IOException;
import java.net.MalformedURLException;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Enumeration;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.stream.Stream;

/** Runs code in a class loader of its own, on the class path of the tests without some of its entries. */
public final class IsolatedClassPath {
    private IsolatedClassPath() {}

    /** What becomes of files of one name, in several jars, that register services. */
    public enum Services {
        ALL,
        /** As where jars were merged into one, and the first of these files was kept. */
        FIRST,
        /** As where jars were merged into one, and the last of these files was kept. */
        LAST
    }

    /** Calls a new {@code type} where no entry of the class path contains one of {@code excluded}. */
    public static Object call(Class<? extends Callable<Object>> type, String... excluded) throws Exception {
        return call(type, Services.ALL, excluded);
    }

    /** As {@link #call(Class, String...)}, with a choice of the files that register services. */
    public static Object call(Class<? extends Callable<Object>> type, Services services, String... excluded)
            throws Exception {
        List<URL> urls = new ArrayList<>();
        for (String entry : System.getProperty("java.class.path").split(File.pathSeparator, -1)) {
            if (Stream.of(excluded).noneMatch(entry.replace(File.separatorChar, '/')::contains)) {
                urls.add(url(entry));
            }
        }
        try (URLClassLoader loader = new Loader(urls.toArray(URL[]::new), services)) {
            Callable<?> callable = (Callable<?>)
                    loader.loadClass(type.getName()).getDeclaredConstructor().newInstance();
            return callable.call();
        }
    }

    private static final class Loader extends URLClassLoader {
        private final Services services;

        Loader(URL[] urls, Services services) {
            super(urls, ClassLoader.getPlatformClassLoader());
            this.services = services;
        }

        @Override
        public Enumeration<URL> findResources(String name) throws IOException {
            List<URL> found = Collections.list(super.findResources(name));
            if (services == Services.ALL || !name.startsWith("META-INF/services/") || found.size() < 2) {
                return Collections.enumeration(found);
            }
            URL kept = found.get(services == Services.FIRST ? 0 : found.size() - 1);
            return Collections.enumeration(List.of(kept));
        }
    }

    private static URL url(String entry) throws MalformedURLException {
        return Path.of(entry).toUri().toURL();
    }
}
