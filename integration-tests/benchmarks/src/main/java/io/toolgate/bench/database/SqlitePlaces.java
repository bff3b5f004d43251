package io.toolgate.bench.database;

import io.toolgate.bench.contender.BenchDatabase;
import io.toolgate.bench.contender.DatabaseKind;
import io.toolgate.support.UsageException;
import io.toolgate.support.process.RunDirectory;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.Map;
import java.util.Set;

/** SQLite files, each in a directory of its own beside the named file, and removed after use. */
final class SqlitePlaces implements Places {
    private static final String URL = "jdbc:sqlite:";

    private final Path base;
    private final int poolSize;
    private final Set<Path> directories = new LinkedHashSet<>();
    private int made;

    private SqlitePlaces(Path base, int poolSize) {
        this.base = base;
        this.poolSize = poolSize;
    }

    /**
     * Files beside {@code file}, which itself is never created.
     *
     * @throws UsageException if they cannot be made there
     */
    static SqlitePlaces beside(Path file, int poolSize) {
        Path absolute = file.toAbsolutePath();
        Path directory = absolute.getParent();
        if (directory == null || !Files.isWritable(directory)) {
            throw new UsageException("there is no directory for " + file + " that can be written to: create it first");
        }
        if (Files.exists(absolute)) {
            throw new UsageException(file + " exists, and benchmarks only run on fresh files, which are made beside it:"
                    + " give the name of a file that is not there");
        }
        return new SqlitePlaces(absolute, poolSize);
    }

    @Override
    public DatabaseKind kind() {
        return DatabaseKind.SQLITE;
    }

    @Override
    public BenchDatabase create(String contender) throws IOException {
        made++;
        Path directory = Files.createDirectory(base.resolveSibling(base.getFileName() + "-" + made + "-" + contender));
        directories.add(directory);
        return new BenchDatabase(DatabaseKind.SQLITE, URL + directory.resolve("bench.db"), null, null, "", poolSize);
    }

    @Override
    public void drop(BenchDatabase place) throws IOException {
        Path directory = Path.of(place.url().substring(URL.length())).getParent();
        if (directory != null && directories.remove(directory)) {
            RunDirectory.deleteTree(directory);
        }
    }

    /** Nothing to do: each place is a file of its own, and a file is checkpointed when its last connection closes. */
    @Override
    public void settle() {}

    @Override
    public Map<String, Object> facts() throws IOException, SQLException {
        Map<String, Object> facts = new LinkedHashMap<>();
        BenchDatabase place = create("facts");
        try (Connection connection = place.connect();
                Statement statement = connection.createStatement()) {
            facts.put("version", "SQLite " + one(statement, "SELECT sqlite_version()"));
            facts.put("journal_mode", one(statement, "PRAGMA journal_mode"));
            facts.put("synchronous", one(statement, "PRAGMA synchronous").equals("2") ? "FULL" : "not FULL");
            facts.put("driver", connection.getMetaData().getDriverVersion());
            facts.put("page_size", one(statement, "PRAGMA page_size"));
            facts.put(
                    "file_system", Files.getFileStore(base.resolveSibling(".")).type());
            facts.put("flush_ms", DiskFlush.medianMillis(base.resolveSibling(".")));
        } finally {
            drop(place);
        }
        return facts;
    }

    private static String one(Statement statement, String sql) throws SQLException {
        try (ResultSet row = statement.executeQuery(sql)) {
            return row.next() ? row.getString(1) : "";
        }
    }

    @Override
    public void close() throws IOException {
        for (Path directory : Set.copyOf(directories)) {
            RunDirectory.deleteTree(directory);
            directories.remove(directory);
        }
    }
}
