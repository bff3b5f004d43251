package io.toolgate.race.racer;

import io.toolgate.JsonCodec;
import io.toolgate.PaidAction;
import io.toolgate.ToolGate;
import io.toolgate.race.action.ActionTerms;
import io.toolgate.race.action.ChargeAction;
import io.toolgate.race.action.Order;
import io.toolgate.race.database.Stores;
import io.toolgate.race.fault.Failpoint;
import io.toolgate.race.provider.ProviderClient;
import io.toolgate.store.IdempotencyStore;
import io.toolgate.support.DatabaseLogin;
import io.toolgate.support.Json;
import io.toolgate.support.process.ParentLink;
import java.io.PrintStream;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.CountDownLatch;
import org.jspecify.annotations.Nullable;

/**
 * A process that calls one key of each recovery and stands still at one failpoint with all of them, to be killed
 * there. The key's text is the failpoint's.
 */
public final class VictimMain {
    private static final int ORPHANED = 3;
    private static final int FAILED = 4;

    /** The text of the place, and of the key, between the rows of a result and their commit. */
    static final String IN_ROWS = "in-rows";

    /**
     * A victim's settings.
     *
     * @param recoveries for each recovery, the plan of a racer of its own
     * @param point where to stand still; null: in the transaction of the result, after its row was written
     */
    record Plan(List<RacerPlan> recoveries, @Nullable Failpoint point) {
        String place() {
            return point == null ? IN_ROWS : point.text();
        }
    }

    private VictimMain() {}

    /** Calls, and never ends by itself. */
    public static void main(String[] arguments) throws Exception {
        PrintStream out = System.out;
        ParentLink parent =
                ParentLink.listen(System.in, () -> Runtime.getRuntime().halt(ORPHANED));
        Plan plan = Json.read(parent.next(), Plan.class);
        // Of every second kind of death the callers share commits.
        boolean sharesCommits = plan.point() == null || plan.point().ordinal() % 2 == 0;
        IdempotencyStore store = Stores.open(plan.recoveries().get(0).database(), 4, sharesCommits);
        for (RacerPlan recovery : plan.recoveries()) {
            Thread thread = new Thread(() -> {
                try {
                    call(store, recovery, plan, out);
                } catch (Throwable e) {
                    e.printStackTrace();
                    Runtime.getRuntime().halt(FAILED);
                }
            });
            thread.start();
        }
    }

    private static void call(IdempotencyStore store, RacerPlan plan, Plan victim, PrintStream out) throws Exception {
        DatabaseClock clock = new DatabaseClock();
        HistoryWriter history = HistoryWriter.create(Path.of(plan.history()));
        Failpoints failpoints = new Failpoints(history, clock, out);
        if (victim.point() != null) {
            failpoints.arm(victim.point());
        }
        ToolGate gate = ToolGate.on(new RecordedStore(store, plan.keys().action(), history, clock, failpoints))
                .build();
        PaidAction<Order, String> action = action(plan, history, clock, failpoints, () -> {
            if (victim.point() == null) {
                out.println(Failpoints.AT + IN_ROWS);
                new CountDownLatch(1).await();
            }
        });
        var outcome = gate.execute(action, plan.keys().key(victim.place()), order(plan, victim.place()));
        throw new IllegalStateException("it was not stopped, and came to " + outcome);
    }

    /** The input of every call of the key with this text. */
    static Order order(RacerPlan plan, String key) {
        return new Order(plan.keys().account(key), Mischief.AMOUNT);
    }

    /** What a victim does between the row of a result and its commit. */
    interface InRows {
        void pass() throws InterruptedException;
    }

    /** The action of {@code plan}, which charges at its provider, and stores a row with each result. */
    static PaidAction<Order, String> action(
            RacerPlan plan, HistoryWriter history, DatabaseClock clock, Failpoints failpoints, InRows inRows) {
        ProviderClient provider = new ProviderClient(plan.providerPort(), Duration.ofSeconds(20));
        ActionTerms terms =
                new ActionTerms(plan.keys().action(), plan.recovery(), Duration.ofMillis(plan.leaseMillis()));
        PaidAction<Order, String> charge =
                new ChargeAction().action(terms, new ProviderPayments(provider, plan, history, clock, failpoints));
        return PaidAction.<Order, String>named(charge.name())
                .run(charge.run())
                .codec(charge.codec())
                .fingerprint(charge.fingerprint())
                .classify(charge.classifier())
                .recovery(charge.recovery())
                .lease(charge.lease())
                .retention(charge.retention())
                .remembering(JsonCodec.of(Order.class))
                .storing(Connection.class, (connection, completion) -> {
                    Order order = Objects.requireNonNull(completion.input(), "the input of every path");
                    write(
                            connection,
                            plan.recovery() + " " + completion.id().key(),
                            completion.result() + " for " + order.amount());
                    inRows.pass();
                })
                .build();
    }

    private static void write(Connection connection, String key, String result) throws SQLException {
        try (PreparedStatement insert = connection.prepareStatement("INSERT INTO paid_row VALUES (?, ?)")) {
            insert.setString(1, key);
            insert.setString(2, result);
            int unused = insert.executeUpdate();
        }
    }

    /** Makes the table of the rows that belong to results. */
    static void createTable(DatabaseLogin database) throws SQLException {
        try (Connection connection = database.connect();
                Statement statement = connection.createStatement()) {
            boolean unused =
                    statement.execute("CREATE TABLE IF NOT EXISTS paid_row (paid_key varchar(100), result text)");
            boolean unused2 = statement.execute("DELETE FROM paid_row");
        }
    }

    /** All rows that belong to results: recovery and key, a colon, the result. */
    static List<String> rows(DatabaseLogin database) throws SQLException {
        List<String> rows = new ArrayList<>();
        try (Connection connection = database.connect();
                Statement statement = connection.createStatement();
                ResultSet row = statement.executeQuery("SELECT paid_key, result FROM paid_row")) {
            while (row.next()) {
                rows.add(row.getString(1) + ": " + row.getString(2));
            }
        }
        return rows;
    }
}
