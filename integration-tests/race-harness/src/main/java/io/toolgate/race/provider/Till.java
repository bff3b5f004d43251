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
 * Charges accounts, and knows what was charged by the key that it was asked with. Where it dedupes, a key is charged once,
 * also when it is asked for twice at once. Safe for use by many threads.
 */
final class Till {
    /** What a payer is told: an HTTP status and its body. */
    record Answer(int status, String body) {}

    /** The charge of a key that is deduped: going on, or done for good. */
    private record Sale(String account, long amount, CompletableFuture<Charge> charge) {}

    private final ChargeLog ledger;
    private final Duration takes;
    private final boolean dedupe;

    // Without an entry, nobody has asked with the key, or its charge failed.
    private final Map<String, Sale> sales = new ConcurrentHashMap<>();
    // What a lookup finds: the first charge of a key, once the ledger has it.
    private final Map<String, Charge> firstCharges = new ConcurrentHashMap<>();
    private final Set<String> chargedAccounts = ConcurrentHashMap.newKeySet();

    /**
     * A till that has charged nobody yet.
     *
     * @param takes how long a charge takes; it happens in the middle of that
     * @param dedupe whether it charges once for one key
     */
    Till(ChargeLog ledger, Duration takes, boolean dedupe) {
        this.ledger = ledger;
        this.takes = takes;
        this.dedupe = dedupe;
    }

    /** The first charge that was made with this key, if there is one in the ledger. */
    Optional<Charge> find(String key) {
        return Optional.ofNullable(firstCharges.get(key));
    }

    /**
     * Charges, or does what else the request asks for.
     *
     * @return what to answer; empty to close the connection without an answer
     * @throws IOException if nobody was charged, or its receipt is lost
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
                // Nobody was charged by the other, which has given its key back: this one's turn, or another's.
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
            // The key is given back before anybody who waits for it hears of the failure.
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
