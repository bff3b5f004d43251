package io.toolgate.race.provider;

import io.toolgate.race.provider.LedgerLine.Kind;
import io.toolgate.support.Json;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import org.jspecify.annotations.Nullable;

/**
 * The provider's charging logic: charges accounts and looks charges up by key. If it dedupes, a key is charged once,
 * even for concurrent requests. Thread-safe.
 */
final class Till {
    /** Answer to a payer: an HTTP status and a body. */
    record Answer(int status, String body) {}

    /** The charge of a deduped key, in progress or done. */
    private record Sale(String account, long amount, CompletableFuture<Charge> charge) {}

    private final ChargeLog ledger;
    private final Duration takes;
    private final boolean dedupe;

    // No entry: there was no request with the key, or its charge failed.
    private final Map<String, Sale> sales = new ConcurrentHashMap<>();
    // The first charge of each key, for lookups, once it is in the ledger.
    private final Map<String, Charge> firstCharges = new ConcurrentHashMap<>();
    private final Set<String> chargedAccounts = ConcurrentHashMap.newKeySet();

    /**
     * Creates a till without charges.
     *
     * @param ledger the log of its charges
     * @param takes how long a charge takes; it happens halfway
     * @param dedupe whether it charges once per key
     */
    Till(ChargeLog ledger, Duration takes, boolean dedupe) {
        this.ledger = ledger;
        this.takes = takes;
        this.dedupe = dedupe;
    }

    /** Returns the first charge with this key, if the ledger has one. */
    Optional<Charge> find(String key) {
        return Optional.ofNullable(firstCharges.get(key));
    }

    /**
     * Processes a request: charges, repeats an earlier receipt, or declines.
     *
     * @return the answer; empty to close the connection without one
     * @throws IOException if nothing was charged, or the receipt is lost
     */
    Optional<Answer> charge(ChargeRequest request, @Nullable String key, String requestId) throws IOException {
        if (request.conduct() == Conduct.DECLINE) {
            pause(takes.toMillis() / 2);
            append(Kind.DECLINED, request, key, requestId, null);
            return Optional.of(
                    new Answer(402, Json.line(new ProviderClient.Refusal("card_declined", "the card was declined"))));
        }
        return dedupe && key != null ? chargeOnce(request, key, requestId) : chargeNow(request, key, requestId, null);
    }

    private Optional<Answer> chargeOnce(ChargeRequest request, String key, String requestId) throws IOException {
        Sale mine = new Sale(request.account(), request.amount(), new CompletableFuture<>());
        while (true) {
            Sale other = sales.putIfAbsent(key, mine);
            if (other == null) {
                return chargeFirst(request, key, requestId, mine);
            }
            if (!other.account().equals(request.account()) || other.amount() != request.amount()) {
                return Optional.of(new Answer(422, "the " + PaymentProvider.KEY_HEADER + " belongs to another charge"));
            }
            try {
                Charge first = other.charge().get();
                append(Kind.REPEATED, request, key, requestId, first.receipt());
                return Optional.of(new Answer(200, Json.line(first)));
            } catch (ExecutionException e) {
                // The other request failed without a charge and has released the key: try again.
            } catch (InterruptedException e) {
                throw stopping(e);
            }
        }
    }

    private Optional<Answer> chargeFirst(ChargeRequest request, String key, String requestId, Sale sale)
            throws IOException {
        try {
            return chargeNow(request, key, requestId, sale);
        } finally {
            // Race: a waiting request must find the key released when it sees the failure, so it is released first.
            if (!sale.charge().isDone()) {
                sales.remove(key, sale);
                sale.charge().completeExceptionally(new IOException("the first charge did not happen"));
            }
        }
    }

    private Optional<Answer> chargeNow(
            ChargeRequest request, @Nullable String key, String requestId, @Nullable Sale sale) throws IOException {
        long millis = request.conduct() == Conduct.SLOW ? request.slowMillis() : takes.toMillis();
        pause(millis / 2);
        Charge charge = new Charge(UUID.randomUUID().toString(), request.account(), request.amount(), key);
        append(Kind.CHARGED, request, key, requestId, charge.receipt());
        if (key != null) {
            firstCharges.putIfAbsent(key, charge);
        }
        if (sale != null) {
            sale.charge().complete(charge);
        }
        boolean first = chargedAccounts.add(request.account());
        pause(millis - millis / 2);
        return first && request.conduct() == Conduct.DROP_ANSWER
                ? Optional.empty()
                : Optional.of(new Answer(201, Json.line(charge)));
    }

    private void append(
            Kind kind, ChargeRequest request, @Nullable String key, String requestId, @Nullable String receipt)
            throws IOException {
        ledger.append(
                new LedgerLine(System.nanoTime(), kind, requestId, request.account(), request.amount(), key, receipt));
    }

    private static void pause(long millis) throws IOException {
        try {
            Thread.sleep(millis);
        } catch (InterruptedException e) {
            throw stopping(e);
        }
    }

    private static IOException stopping(InterruptedException e) {
        Thread.currentThread().interrupt();
        return (IOException) new InterruptedIOException("the provider is stopping").initCause(e);
    }
}
