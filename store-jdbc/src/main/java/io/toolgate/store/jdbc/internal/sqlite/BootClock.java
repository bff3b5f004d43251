package io.toolgate.store.jdbc.internal.sqlite;

import io.toolgate.store.StoreException;
import io.toolgate.store.jdbc.internal.sql.SqlFiles;
import io.toolgate.store.jdbc.internal.sql.StoreClock;
import java.io.FileInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jdbi.v3.core.Handle;
import org.jdbi.v3.core.Jdbi;
import org.jspecify.annotations.Nullable;

/**
 * The clock of a SQLite store: the kernel's time since boot, which all processes of the machine share and no wrong wall
 * clock, no date change and no time server moves, plus an offset that the store keeps and that makes it a time of day.
 *
 * <p>The first process after a boot sets the offset, from its wall clock, in one conditional UPDATE; everybody else reads
 * it. If that wall clock was wrong, all leases are still right, because they are made and judged by the same clock: only
 * the times that people read are off, until the next boot.
 *
 * <p>Over a boot the clock does not go back behind what the store has seen: not behind the offset before (which was the
 * moment of the boot before) and not behind its newest stamp. Leases do not depend on that, since their owners did not
 * survive the boot; but retention counts from stamps, and a history that runs backwards misleads. Leases in the future are
 * left out of it on purpose: beginning after the last of them would end them all at once and make time run ahead of the
 * world at every boot. A clock that was too far ahead at its boot does shorten the retention of what was stored before it:
 * nobody can tell that from a long time switched off.
 *
 * <p>Where there is no {@code /proc/uptime}, the wall clock is used, and processes must agree on it.
 */
public final class BootClock implements StoreClock {
    private static final Path PROC = Path.of("/proc");

    /** The kernel writes hundredths of a second, cut off. */
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

    /** The clock of the store behind {@code store}, on this machine. */
    public static StoreClock open(Jdbi store) {
        return open(store, PROC, InstantSource.system());
    }

    /** As above, with another folder for the kernel's files and another wall clock. */
    public static StoreClock open(Jdbi store, Path proc, InstantSource wall) {
        Path uptime = proc.resolve("uptime");
        Path boot = proc.resolve("sys/kernel/random/boot_id");
        if (!Files.isReadable(uptime) || !Files.isReadable(boot)) {
            return wall::millis;
        }
        String bootId = firstLine(boot);
        for (int attempt = 0; attempt < ATTEMPTS; attempt++) {
            try (Handle handle = store.open()) {
                Known known = Known.read(handle);
                if (bootId.equals(known.bootId()) && known.offsetMillis() != null) {
                    BootClock clock = new BootClock(uptime, known.offsetMillis());
                    clock.refuseToRunBackwards(newestStamp(handle));
                    return clock;
                }
                long sinceBoot = millisSinceBoot(uptime);
                long offset = Math.max(wall.millis() - sinceBoot, newestStamp(handle) - sinceBoot);
                Long before = known.offsetMillis();
                set(handle, bootId, before == null ? offset : Math.max(offset, before), known.bootId());
                // Set by us or by somebody who was faster: what is stored counts.
            }
        }
        throw new StoreException.Misconfigured(
                "The clock of the SQLite store was set for another boot each time this"
                        + " process set it for its own: two machines seem to have the file open. Put it on a disk of one machine");
    }

    /** As {@link #open(Jdbi)}, but nothing is written: after a boot that the store has not seen, the offset is not kept. */
    public static StoreClock look(Jdbi store) {
        return look(store, PROC, InstantSource.system());
    }

    /** As above, with another folder for the kernel's files and another wall clock. */
    public static StoreClock look(Jdbi store, Path proc, InstantSource wall) {
        Path uptime = proc.resolve("uptime");
        Path boot = proc.resolve("sys/kernel/random/boot_id");
        if (!Files.isReadable(uptime) || !Files.isReadable(boot)) {
            return wall::millis;
        }
        try (Handle handle = store.open()) {
            Known known = Known.read(handle);
            Long offset = known.offsetMillis();
            if (offset != null && firstLine(boot).equals(known.bootId())) {
                return new BootClock(uptime, offset);
            }
            long sinceBoot = millisSinceBoot(uptime);
            long fresh = Math.max(wall.millis() - sinceBoot, newestStamp(handle) - sinceBoot);
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

    /** The same boot, and yet an earlier time than was seen before: then this is not the clock that the others read. */
    private void refuseToRunBackwards(long newestStamp) {
        long behind = newestStamp - nowMillis();
        if (behind > TOLERANCE_MILLIS) {
            throw new StoreException.Misconfigured("The SQLite store has seen times that are " + behind / 1000
                    + " s ahead of " + uptime
                    + " here, though the kernel is the same: a container that has an uptime of its"
                    + " own (lxcfs gives it one) shares the file with processes that have another. Run all of them in one"
                    + " container, or use PostgreSQL");
        }
    }

    /** What the store knows of its clock. */
    private record Known(@Nullable String bootId, @Nullable Long offsetMillis) {
        static Known read(Handle handle) {
            try (var query = handle.createQuery(SqlFiles.load("sqlite_file/read_store_info.sql"))) {
                return query.map((row, context) -> {
                            long offset = row.getLong("clock_offset_millis");
                            return new Known(row.getString("clock_boot_id"), row.wasNull() ? null : offset);
                        })
                        .one();
            }
        }
    }

    private static long newestStamp(Handle handle) {
        try (var query = handle.createQuery(SqlFiles.load("sqlite_file/read_newest_stamp.sql"))) {
            List<Long> rows = query.map((row, context) -> row.getLong("newest")).list();
            return rows.get(0);
        }
    }

    private static void set(Handle handle, String bootId, long offsetMillis, @Nullable String seenBootId) {
        try (var update = handle.createUpdate(SqlFiles.load("sqlite_file/set_clock.sql"))) {
            int unused = update.bind("bootId", bootId)
                    .bind("offsetMillis", offsetMillis)
                    .bind("seenBootId", seenBootId)
                    .execute();
        }
    }

    /** The kernel's time since boot, of which the file holds seconds and hundredths. */
    private static long millisSinceBoot(Path uptime) {
        String line = firstLine(uptime);
        Matcher matcher = UPTIME.matcher(line);
        if (!matcher.lookingAt()) {
            throw new StoreException.Unavailable("\"" + line + "\" in " + uptime + " is not the time since boot", null);
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
            throw new StoreException.Unavailable("The kernel's clock cannot be read from " + path, e);
        }
    }
}
