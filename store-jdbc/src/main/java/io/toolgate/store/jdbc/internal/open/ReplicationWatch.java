package io.toolgate.store.jdbc.internal.open;

import io.toolgate.store.jdbc.internal.open.PostgresChecks.Server;
import java.time.Duration;
import java.util.concurrent.Executor;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.LongSupplier;
import javax.sql.DataSource;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A look at how a PostgreSQL server replicates, when a store opens and again every few minutes while it claims: warns
 * once whenever a failover has become one that forgets acknowledged writes. Safe for use by many threads.
 */
final class ReplicationWatch implements Runnable {
    private static final Logger log = LoggerFactory.getLogger(ReplicationWatch.class);
    static final Duration INTERVAL = Duration.ofMinutes(5);

    private final DataSource source;
    private final String where;
    private final LongSupplier nanoTime;
    private final Executor executor;

    /** When the next look is due. Race: two claims find it due; one moves it on, and looks. */
    private final AtomicLong due;

    private final AtomicReference<Danger> known = new AtomicReference<>(Danger.NONE);

    /** What may make a failover forget acknowledged writes. */
    private enum Danger {
        NONE,
        ASYNCHRONOUS,
        HIDDEN
    }

    /**
     * A watch that begins its first look one interval from now.
     *
     * @param source where it looks
     * @param where names it in messages
     * @param executor runs a look, beside the claim that found it due
     */
    ReplicationWatch(DataSource source, String where, LongSupplier nanoTime, Executor executor) {
        this.source = source;
        this.where = where;
        this.nanoTime = nanoTime;
        this.executor = executor;
        this.due = new AtomicLong(nanoTime.getAsLong() + INTERVAL.toNanos());
    }

    /** A watch of a store, whose looks have threads of their own. */
    ReplicationWatch(DataSource source, String where) {
        this(source, where, System::nanoTime, ReplicationWatch::onThread);
    }

    private static void onThread(Runnable look) {
        Thread thread = new Thread(look, "toolgate-replication-look");
        thread.setDaemon(true);
        try {
            thread.start();
        } catch (OutOfMemoryError e) {
            log.debug("There is no thread to look at the replication; the next look tries again", e);
        }
    }

    /** Begins a look if one is due, and does not wait for it. */
    @Override
    public void run() {
        long now = nanoTime.getAsLong();
        long at = due.get();
        if (now - at >= 0 && due.compareAndSet(at, now + INTERVAL.toNanos())) {
            executor.execute(this::look);
        }
    }

    private void look() {
        try {
            found(PostgresChecks.readServer(source, where));
        } catch (RuntimeException e) {
            // Also what a data source throws that is closed, or has no target for this thread.
            log.debug("The replication of {} could not be looked at", where, e);
        }
    }

    /** Warns of what a look has found, if that is new. */
    void found(Server server) {
        Danger danger = danger(server);
        if (known.getAndSet(danger) == danger) {
            return;
        }
        switch (danger) {
            case ASYNCHRONOUS ->
                log.warn(
                        "{} has {} standby(s) and waits for none of them (synchronous_standby_names is empty): a"
                                + " failover can forget acknowledged claims, and then actions run twice. Name at"
                                + " least one in synchronous_standby_names (Patroni: synchronous_mode)",
                        where,
                        server.asynchronousStandbys());
            case HIDDEN ->
                log.warn(
                        "{} does not tell role \"{}\" when it stops waiting for its synchronous standby, since"
                                + " client_min_messages is error: ALTER ROLE ... SET client_min_messages = warning",
                        where,
                        server.role());
            case NONE -> log.debug("{} waits for a synchronous standby, or has no standby", where);
        }
    }

    private static Danger danger(Server server) {
        if (server.asynchronousStandbys() > 0) {
            return Danger.ASYNCHRONOUS;
        }
        return server.hidesWarnings() ? Danger.HIDDEN : Danger.NONE;
    }
}
