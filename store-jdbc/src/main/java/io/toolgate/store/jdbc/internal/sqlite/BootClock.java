package io.toolgate.store.jdbc.internal.sqlite;

import io.toolgate.store.StoreException;
import io.toolgate.store.jdbc.internal.sql.SqlFiles;
import io.toolgate.store.jdbc.internal.sql.SqlRunner;
import io.toolgate.store.jdbc.internal.sql.StoreClock;
import java.io.FileInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.InstantSource;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import javax.sql.DataSource;
import org.jspecify.annotations.Nullable;

/**
 * The clock of a SQLite store: the kernel's time since boot, which all processes of the machine share and which no
 * wall clock, date change or time server moves, plus an offset in the store that makes it a time of day.
 *
 * <p>Race: of the processes that start after a boot, the first sets the offset from its wall clock, with one
 * conditional UPDATE; all others wait for it and read it. If that wall clock was wrong, leases are still right, because
 * they are made and compared by the same clock: only the times that people read are off, until the next boot.
 *
 * <p>Across a boot the clock does not go back behind what the store has recorded: neither behind the previous offset,
 * which was the moment of the previous boot, nor behind its latest timestamp. Leases do not depend on that, since
 * their owners did not survive the boot; but retention counts from timestamps, and a history that runs backwards
 * misleads. Ends of leases in the future are ignored on purpose: to start after the last of them would expire them all
 * at once and let the clock run ahead at every boot. A clock that was too far ahead at its boot shortens the retention
 * of older records: that looks the same as a long time switched off.
 *
 * <p>It is read before its statement is sent, so that a wait only makes a new lease shorter and an old one look
 * fresher; and leases are made longer by its granularity, so that none is shorter than its owner expects.
 *
 * <p>Without {@code /proc/uptime} the wall clock is used, and processes must agree on it.
 */
public final class BootClock implements StoreClock {
    private static final Path PROC = Path.of("/proc");

    /** The kernel writes hundredths of a second, truncated. */
    private static final long GRANULARITY_MILLIS = 10;

    private static final long TOLERANCE_MILLIS = 1000;

    private static final Pattern UPTIME = Pattern.compile("(\\d{1,12})\\.(\\d\\d)\\b");
    private static final int ATTEMPTS = 10;

    private final Path uptime;
    private final long offsetMillis;

    private BootClock(Path uptime, long offsetMillis) {
        this.uptime = uptime;
        this.offsetMillis = offsetMillis;
    }

    /** Returns the clock of the store that {@code connection} leads to, on this machine. */
    public static StoreClock open(Connection connection) throws SQLException {
        return open(connection, PROC, InstantSource.system());
    }

    /** As above, with another folder for the kernel's files and another wall clock; for tests. */
    static StoreClock open(Connection connection, Path proc, InstantSource wall) throws SQLException {
        Path uptime = proc.resolve("uptime");
        Path boot = proc.resolve("sys/kernel/random/boot_id");
        if (!Files.isReadable(uptime) || !Files.isReadable(boot)) {
            return wall::millis;
        }
        String bootId = firstLine(boot);
        for (int attempt = 0; attempt < ATTEMPTS; attempt++) {
            Stored stored = Stored.read(connection);
            if (bootId.equals(stored.bootId()) && stored.offsetMillis() != null) {
                BootClock clock = new BootClock(uptime, stored.offsetMillis());
                clock.refuseToRunBackwards(latestTimestamp(connection));
                return clock;
            }
            long sinceBoot = millisSinceBoot(uptime);
            long offset = Math.max(wall.millis() - sinceBoot, latestTimestamp(connection) - sinceBoot);
            Long before = stored.offsetMillis();
            set(connection, bootId, before == null ? offset : Math.max(offset, before), stored.bootId());
            // Race: another process may have been first. What is stored now counts.
        }
        throw new StoreException.Misconfigured(
                "The clock of the SQLite store was set for another boot each time this process set it for its own: two"
                        + " machines seem to have the file open. Keep it on a local disk of one machine");
    }

    /**
     * As {@link #open(Connection)}, but writes nothing: after a boot that is new to the store, the offset is not kept.
     */
    public static StoreClock openReadOnly(DataSource store) throws SQLException {
        return openReadOnly(store, PROC, InstantSource.system());
    }

    /** As above, with another folder for the kernel's files and another wall clock; for tests. */
    public static StoreClock openReadOnly(DataSource store, Path proc, InstantSource wall) throws SQLException {
        Path uptime = proc.resolve("uptime");
        Path boot = proc.resolve("sys/kernel/random/boot_id");
        if (!Files.isReadable(uptime) || !Files.isReadable(boot)) {
            return wall::millis;
        }
        try (Connection connection = SqlRunner.connect(store)) {
            Stored stored = Stored.read(connection);
            Long offset = stored.offsetMillis();
            if (offset != null && firstLine(boot).equals(stored.bootId())) {
                return new BootClock(uptime, offset);
            }
            long sinceBoot = millisSinceBoot(uptime);
            long fresh = Math.max(wall.millis() - sinceBoot, latestTimestamp(connection) - sinceBoot);
            return new BootClock(uptime, offset == null ? fresh : Math.max(fresh, offset));
        }
    }

    @Override
    public long nowMillis() {
        return offsetMillis + millisSinceBoot(uptime);
    }

    @Override
    public long granularityMillis() {
        return GRANULARITY_MILLIS;
    }

    /**
     * Refuses an earlier time than the store has recorded in the same boot: the other processes read another uptime.
     */
    private void refuseToRunBackwards(long latestTimestamp) {
        long behind = latestTimestamp - nowMillis();
        if (behind > TOLERANCE_MILLIS) {
            throw new StoreException.Misconfigured("The SQLite store has recorded times " + behind / 1000
                    + " s ahead of " + uptime
                    + " here, although the boot is the same: a container with an uptime of its own (lxcfs) shares the"
                    + " file with processes that read another one. Run all of them in one container, or use"
                    + " PostgreSQL");
        }
    }

    /** The clock as the store has it. */
    private record Stored(@Nullable String bootId, @Nullable Long offsetMillis) {
        static Stored read(Connection connection) throws SQLException {
            return SqlRunner.first(connection, SqlFiles.load("sqlite_file/read_store_info.sql"), row -> {
                long offset = row.getLong("clock_offset_millis");
                return new Stored(row.getString("clock_boot_id"), row.wasNull() ? null : offset);
            });
        }
    }

    private static long latestTimestamp(Connection connection) throws SQLException {
        return SqlRunner.first(
                connection, SqlFiles.load("sqlite_file/read_newest_stamp.sql"), row -> row.getLong("newest"));
    }

    private static void set(Connection connection, String bootId, long offsetMillis, @Nullable String seenBootId)
            throws SQLException {
        int unused = SqlRunner.updateSqlite(
                connection,
                SqlFiles.load("sqlite_file/set_clock.sql"),
                bound -> bound.bind("bootId", bootId)
                        .bind("offsetMillis", offsetMillis)
                        .bind("seenBootId", seenBootId));
    }

    /** The kernel's time since boot, of which the file holds seconds and hundredths. */
    private static long millisSinceBoot(Path uptime) {
        String line = firstLine(uptime);
        Matcher matcher = UPTIME.matcher(line);
        if (!matcher.lookingAt()) {
            throw new StoreException.Unavailable(
                    "Expected the time since boot in " + uptime + ", found \"" + line + "\"", null);
        }
        return Long.parseLong(matcher.group(1)) * 1000 + Long.parseLong(matcher.group(2)) * 10;
    }

    // Not Files.readString: its channel is closed, with an exception, when the thread is interrupted.
    private static String firstLine(Path path) {
        try (FileInputStream in = new FileInputStream(path.toFile())) {
            byte[] bytes = in.readNBytes(128);
            return new String(bytes, StandardCharsets.US_ASCII)
                    .lines()
                    .findFirst()
                    .orElse("");
        } catch (IOException e) {
            throw new StoreException.Unavailable("Cannot read the kernel's clock from " + path, e);
        }
    }
}
