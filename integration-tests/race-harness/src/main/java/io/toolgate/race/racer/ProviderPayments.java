package io.toolgate.race.racer;

import io.toolgate.Attempt;
import io.toolgate.ToolGateException;
import io.toolgate.race.action.Order;
import io.toolgate.race.action.PaymentDeclinedException;
import io.toolgate.race.action.Payments;
import io.toolgate.race.fault.Failpoint;
import io.toolgate.race.history.Event;
import io.toolgate.race.provider.Charge;
import io.toolgate.race.provider.ChargeRequest;
import io.toolgate.race.provider.ProviderClient;
import io.toolgate.support.Json;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Optional;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/** Payments at the race's provider, recorded in the history, with the failpoints around the effect. */
final class ProviderPayments implements Payments {
    /** The duration of a slow charge in leases: without heartbeats its owner would lose the key. */
    private static final int SLOW_LEASES = 2;

    private final ProviderClient provider;
    private final RacerPlan plan;
    private final HistoryWriter history;
    private final DatabaseClock clock;
    private final Failpoints failpoints;

    ProviderPayments(
            ProviderClient provider,
            RacerPlan plan,
            HistoryWriter history,
            DatabaseClock clock,
            Failpoints failpoints) {
        this.provider = provider;
        this.plan = plan;
        this.history = history;
        this.clock = clock;
        this.failpoints = failpoints;
    }

    @Override
    public byte[] charge(Attempt attempt, Order order) throws IOException, PaymentDeclinedException {
        ensureOwner(attempt);
        failpoints.pass(Failpoint.BEFORE_EFFECT, attempt.key());
        String request = UUID.randomUUID().toString();
        int thread = CallerThread.currentNumber();
        long sent = System.nanoTime();
        history.write(new Event.EffectSent(sent, clock.at(sent), attempt.key(), attempt.number(), thread, request));
        try {
            byte[] receipt = provider.charge(body(attempt, order), attempt.providerKey(), request);
            effected(attempt, thread, request, sent, receipt(receipt), null);
            return receipt;
        } catch (ProviderClient.Declined e) {
            effected(attempt, thread, request, sent, null, e.toString());
            throw new PaymentDeclinedException(e.code(), String.valueOf(e.getMessage()));
        } catch (IOException e) {
            effected(attempt, thread, request, sent, null, e.toString());
            throw e;
        } finally {
            failpoints.pass(Failpoint.AFTER_EFFECT, attempt.key());
        }
    }

    private void ensureOwner(Attempt attempt) {
        long sent = System.nanoTime();
        try {
            attempt.ensureOwner();
        } catch (ToolGateException.LeaseLost e) {
            ensured(attempt, sent, false);
            throw e;
        }
        ensured(attempt, sent, true);
    }

    private void ensured(Attempt attempt, long sent, boolean owned) {
        long now = System.nanoTime();
        history.write(new Event.Ensured(now, clock.at(now), attempt.key(), attempt.number(), sent, owned));
    }

    private void effected(
            Attempt attempt, int thread, String request, long sent, @Nullable String receipt, @Nullable String detail) {
        long now = System.nanoTime();
        history.write(new Event.Effected(
                now, clock.at(now), attempt.key(), attempt.number(), thread, request, sent, receipt, detail));
    }

    private ChargeRequest body(Attempt attempt, Order order) {
        return new ChargeRequest(
                order.account(),
                order.amount(),
                plan.mischief().conduct(attempt.key()),
                (long) SLOW_LEASES * plan.leaseMillis());
    }

    @Override
    public Optional<byte[]> lookup(Attempt attempt) throws IOException {
        long sent = System.nanoTime();
        try {
            Optional<byte[]> found = provider.lookup(attempt.providerKey());
            probed(attempt, sent, found.isPresent() ? "HAPPENED" : "NOT_HAPPENED");
            return found;
        } catch (IOException e) {
            probed(attempt, sent, "UNKNOWN");
            throw e;
        }
    }

    private void probed(Attempt attempt, long sent, String found) {
        long now = System.nanoTime();
        history.write(new Event.Probed(
                now, clock.at(now), attempt.key(), attempt.number(), CallerThread.currentNumber(), sent, found));
    }

    @Override
    public String receipt(byte[] receipt) {
        try {
            return Json.read(new String(receipt, StandardCharsets.UTF_8), Charge.class)
                    .receipt();
        } catch (IOException e) {
            throw new IllegalArgumentException("the result is not a receipt of the provider", e);
        }
    }
}
