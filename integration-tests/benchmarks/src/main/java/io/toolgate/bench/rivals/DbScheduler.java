package io.toolgate.bench.rivals;

import com.github.kagkarlsson.scheduler.Scheduler;
import com.github.kagkarlsson.scheduler.SchedulerBuilder;
import com.github.kagkarlsson.scheduler.SchedulerName;
import com.github.kagkarlsson.scheduler.task.helper.CustomTask;
import com.zaxxer.hikari.HikariDataSource;
import io.toolgate.bench.contender.BenchDatabase;
import io.toolgate.bench.contender.Contender;
import io.toolgate.bench.contender.ContenderFactory;
import io.toolgate.bench.contender.DatabaseKind;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.List;
import java.util.UUID;

/**
 * db-scheduler: a task instance whose id is the key, due at once. It promises that one scheduler at a time executes
 * it, and that it is executed at least once: one whose process died runs again after missed heartbeats. It keeps no
 * result, deletes the row of a one-time task that is done, so that the same id can be scheduled anew, and a caller
 * that schedules does not wait.
 */
final class DbScheduler implements ContenderFactory {
    /** How often it polls for executions that another process made due; its own it finds at once. */
    private static final Duration POLLING_INTERVAL = Duration.ofMillis(20);
    /** How full its queue is kept, in threads: of the settings that its documentation measured, the least greedy. */
    private static final double LOWER_LIMIT = 0.5;

    private static final double UPPER_LIMIT = 4.0;
    /**
     * Connections for its poller and housekeeper, and threads for rows of finished runs, which go when callers are
     * gone.
     */
    private static final int OF_ITS_OWN = 2;

    /** Its documented table; the index for priorities left out, which are off. */
    private static final List<String> CREATE_POSTGRESQL = List.of(
            """
            CREATE TABLE scheduled_tasks (
                task_name text NOT NULL,
                task_instance text NOT NULL,
                task_data bytea,
                execution_time timestamptz NOT NULL,
                picked boolean NOT NULL,
                picked_by text,
                last_success timestamptz,
                last_failure timestamptz,
                consecutive_failures int,
                last_heartbeat timestamptz,
                version bigint NOT NULL,
                priority smallint,
                PRIMARY KEY (task_name, task_instance))""",
            "CREATE INDEX execution_time_idx ON scheduled_tasks (execution_time)",
            "CREATE INDEX last_heartbeat_idx ON scheduled_tasks (last_heartbeat)");

    private static final List<String> CREATE_SQLITE = List.of(
            """
            CREATE TABLE scheduled_tasks (
                task_name varchar(100),
                task_instance varchar(100),
                task_data blob,
                execution_time timestamp,
                picked bit,
                picked_by varchar(50),
                last_success timestamp,
                last_failure timestamp,
                consecutive_failures int,
                last_heartbeat timestamp,
                version bigint,
                priority smallint,
                PRIMARY KEY (task_name, task_instance))""",
            "CREATE INDEX execution_time_idx ON scheduled_tasks (execution_time)",
            "CREATE INDEX last_heartbeat_idx ON scheduled_tasks (last_heartbeat)");

    @Override
    public String name() {
        return "db-scheduler";
    }

    @Override
    public String how() {
        return "scheduleIfNotExists of a one-time task whose id is the key, with immediate execution, lock-and-fetch on"
                + " PostgreSQL, polling every " + POLLING_INTERVAL.toMillis()
                + " ms; glue: a result table, read before it schedules and again by the task, which writes it; that"
                + " wakes callers in the same process, others read it every " + Waiting.POLL.toMillis()
                + " ms. Pool as for jdbc and " + OF_ITS_OWN
                + " connections more, as many threads. An execution whose heartbeats stop runs again. Its throughput"
                + " over several processes says nothing: a scheduler picks up what others scheduled, and an effect is"
                + " known here only to the process that was called, so the row goes back.";
    }

    @Override
    public void install(BenchDatabase database) throws SQLException {
        ResultTable.create(database);
        try (Connection connection = database.connect();
                Statement statement = connection.createStatement()) {
            for (String create : database.kind() == DatabaseKind.SQLITE ? CREATE_SQLITE : CREATE_POSTGRESQL) {
                statement.execute(create);
            }
        }
    }

    @Override
    public Contender open(BenchDatabase database, int concurrency) {
        int size = database.usualPoolSize(concurrency) + OF_ITS_OWN;
        HikariDataSource pool = database.pool(size);
        ResultTable results = new ResultTable(pool);
        ScheduledCalls calls = new ScheduledCalls(results);
        CustomTask<Void> task = calls.task();
        SchedulerBuilder builder = Scheduler.create(pool, task)
                .schedulerName(new SchedulerName.Fixed(UUID.randomUUID().toString()))
                .threads(size)
                .pollingInterval(POLLING_INTERVAL)
                .enableImmediateExecution();
        if (database.kind() == DatabaseKind.POSTGRESQL) {
            builder.pollUsingLockAndFetch(LOWER_LIMIT, UPPER_LIMIT);
        }
        Scheduler scheduler = builder.build();
        scheduler.start();
        return new Scheduling(pool, scheduler, task, calls, results);
    }
}
