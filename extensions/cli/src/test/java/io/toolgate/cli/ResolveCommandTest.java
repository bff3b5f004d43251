package io.toolgate.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.toolgate.Failure;
import io.toolgate.store.ClaimOutcome;
import io.toolgate.store.ClaimRequest;
import io.toolgate.store.ClaimRequest.OnUnknown;
import io.toolgate.store.IdempotencyRecord;
import io.toolgate.store.Lease;
import io.toolgate.store.Payload;
import io.toolgate.store.RecordId;
import io.toolgate.store.RecordState;
import io.toolgate.store.TransitionOutcome;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** The effects of {@code resolve} and {@code retire}, and all that they refuse without changing anything. */
class ResolveCommandTest extends CommandTestBase {
    private static final RecordId ID = CliDatabase.id("order-981");

    private Lease lease;

    @BeforeEach
    void claim() {
        lease = CliDatabase.claim(store, ID);
    }

    private void inDoubt() {
        assertThat(store.fail(lease, Failure.unknown("timeout", "no answer")))
                .isInstanceOf(TransitionOutcome.Applied.class);
    }

    private IdempotencyRecord record() {
        return store.peek(ID).orElseThrow();
    }

    private String file(String content) throws IOException {
        return Files.writeString(directory.resolve("receipt.txt"), content).toString();
    }

    private CliResult resolve(String... args) {
        List<String> all =
                new ArrayList<>(List.of("resolve", "order-981", "--reason", "the provider's portal says so"));
        all.addAll(List.of(args));
        return database.cli(all.toArray(String[]::new));
    }

    private void refusedWithoutChange(List<String> before, CliResult result, String... words) {
        result.refused(words);
        assertThat(result.err()).contains("othing was changed");
        assertThat(database.contents()).isEqualTo(before);
    }

    @Test
    void aResolvedResultIsStoredAndReplayed() throws IOException {
        inDoubt();
        JsonNode json = resolve(
                        "--completed-file",
                        file("receipt-7"),
                        "--codec",
                        "text/1",
                        "--operator",
                        "ada",
                        "--yes",
                        "--json")
                .done()
                .json();
        assertThat(json.path("state").textValue()).isEqualTo("COMPLETED");
        assertThat(json.path("previous_state").textValue()).isEqualTo("IN_DOUBT");
        assertThat(json.path("operator").textValue()).isEqualTo("ada");
        assertThat(json.path("version").longValue()).isEqualTo(3);
        assertThat(record().result()).isEqualTo(CliDatabase.text("receipt-7"));
        assertThat(store.history(ID, 10).entries()).singleElement().satisfies(entry -> {
            assertThat(entry.operator()).isEqualTo("ada");
            assertThat(entry.reason()).isEqualTo("the provider's portal says so");
            assertThat(entry.before().state()).isEqualTo(RecordState.IN_DOUBT);
        });
    }

    @Test
    void theCodecIsThatOfTheActionsOtherResults() throws IOException {
        inDoubt();
        var unused = store.complete(
                CliDatabase.claim(store, CliDatabase.id("another")), Payload.of("json/1", new byte[] {'1'}));
        String out = resolve("--completed-file", file("{}"), "--yes").done().out();
        assertThat(out).contains("a result of 2 bytes (json/1)", "--id " + ID.toUuid());
        assertThat(record().result())
                .isEqualTo(Payload.of("json/1", "{}".getBytes(java.nio.charset.StandardCharsets.UTF_8)));
    }

    @Test
    void aKeyWhoseActionStoresRowsIsCompletedOnlyIfTheyAreLeftOutKnowingly() throws IOException {
        RecordId id = CliDatabase.id("order-with-rows");
        ClaimRequest storing =
                CliDatabase.request(id, "owner-1", OnUnknown.HOLD).carrying(true, CliDatabase.text("the order"));
        ClaimOutcome.Acquired acquired = (ClaimOutcome.Acquired) store.claim(storing);
        assertThat(store.fail(acquired.lease(), Failure.unknown("timeout", "no answer")))
                .isInstanceOf(TransitionOutcome.Applied.class);
        String option = id.toUuid().toString();
        String[] complete = {
            "resolve", "--id", option, "--reason", "portal", "--completed-file", file("r"), "--codec", "text/1", "--yes"
        };
        refusedWithoutChange(
                database.contents(), database.cli(complete), "stores rows", "gate.resolve(...)", "--without-rows");
        assertThat(database.cli("explain", "--id", option).done().out())
                .contains("its input was stored with the claim", "gate.resolve(…) in the service", "--without-rows")
                .doesNotContain("the order");
        String[] without =
                Stream.concat(Stream.of(complete), Stream.of("--without-rows")).toArray(String[]::new);
        assertThat(database.cli(without).done().out()).contains("completed", "without any rows of its action");
        assertThat(store.peek(id).orElseThrow().result()).isEqualTo(CliDatabase.text("r"));
        resolve("--retry", "--without-rows", "--yes").refused("--without-rows goes with --completed-file and --null");
    }

    @Test
    void aNullResultIsAResult() {
        inDoubt();
        var unused = resolve("--null", "--codec", "void/1", "--yes").done();
        assertThat(record().result()).isEqualTo(Payload.ofNull("void/1"));
    }

    @Test
    void aResolvedRejectionIsStored() {
        inDoubt();
        var unused = resolve("--rejected", "declined", "--message", "card expired", "--yes")
                .done();
        assertThat(record().failure()).isEqualTo(Failure.rejected("declined", "card expired"));
        assertThat(store.history(ID, 10).entries().get(0).operator()).isEqualTo("on-call");
    }

    @Test
    void aResolvedReleaseFreesTheKey() {
        database.advance(CliDatabase.LEASE.plusSeconds(1));
        var unused = resolve("--retry", "--yes", "--fence", "1").done();
        assertThat(record().state()).isEqualTo(RecordState.RETRYABLE);
        assertThat(store.claim(CliDatabase.request(ID, "owner-2", OnUnknown.HOLD)))
                .isInstanceOf(ClaimOutcome.Acquired.class);
        assertThat(store.complete(lease, CliDatabase.text("late"))).isInstanceOf(TransitionOutcome.LeaseLost.class);
    }

    @Test
    void aResultThatWasNotStoredIsSuppliedAndEveryCallIsGivenIt() throws IOException {
        var unused = store.complete(lease, CliDatabase.tooLarge());
        String file = file("receipt-7");
        for (List<String> other : List.of(List.of("--retry"), List.of("--rejected", "declined"))) {
            List<String> args = new ArrayList<>(other);
            args.add("--yes");
            refusedWithoutChange(
                    database.contents(),
                    resolve(args.toArray(String[]::new)),
                    "its effect happened",
                    "toolgate resolve --completed-file",
                    "toolgate retire",
                    "once more");
        }
        database.answering("yes");
        CliResult result = resolve("--completed-file", file, "--codec", "text/1", "--json");
        assertThat(result.status()).as("%s", result).isZero();
        assertThat(result.err()).contains("completed without a result since", "a result of 9 bytes (text/1)");
        assertThat(result.json().path("previous_state").textValue()).isEqualTo("COMPLETED");
        assertThat(result.json().path("state").textValue()).isEqualTo("COMPLETED");
        assertThat(record().result()).isEqualTo(CliDatabase.text("receipt-7"));
        assertThat(store.claim(CliDatabase.request(ID, "owner-2", OnUnknown.RERUN)))
                .isInstanceOf(ClaimOutcome.Finished.class);
        refusedWithoutChange(
                database.contents(),
                resolve("--completed-file", file, "--codec", "text/1", "--yes"),
                "completed already",
                "never changes");
        assertThat(database.cli("list", "--state", "unavailable", "--json")
                        .json()
                        .path("records"))
                .isEmpty();
        assertThat(database.cli("doctor").out()).contains("No faults were found.");
    }

    @Test
    void onATerminalTheDecisionIsShownAndConfirmed() {
        inDoubt();
        database.answering("yes");
        CliResult result = resolve("--retry", "--json");
        assertThat(result.status()).isZero();
        assertThat(result.json().path("state").textValue()).isEqualTo("RETRYABLE");
        assertThat(result.err())
                .contains(
                        "charge-card",
                        "tenant-42",
                        "in doubt since",
                        "It will be released, and the next call runs it",
                        "on-call")
                .contains("orde…" + ID.toUuid())
                .doesNotContain("order-981");
    }

    @Test
    void withoutConfirmationNothingIsChanged() {
        inDoubt();
        List<String> before = database.contents();
        refusedWithoutChange(before, resolve("--retry"), "no terminal", "--yes");
        for (String answer : new String[] {"no", "", null}) {
            database.answering(answer);
            CliResult result = resolve("--retry");
            assertThat(result.status()).isEqualTo(2);
            assertThat(result.err()).contains("not confirmed");
            assertThat(database.contents()).isEqualTo(before);
        }
    }

    @Test
    void aDecisionThatTheStateDoesNotAllowIsRefused() {
        refusedWithoutChange(database.contents(), resolve("--retry", "--yes"), "holds a lease until", "wait");
        var unused = store.complete(lease, CliDatabase.text("receipt-1"));
        refusedWithoutChange(database.contents(), resolve("--retry", "--yes"), "completed already", "toolgate retire");
        var unused2 = store.fail(CliDatabase.claim(store, CliDatabase.id("released")), Failure.notExecuted("busy", ""));
        refusedWithoutChange(
                database.contents(),
                database.cli("resolve", "released", "--reason", "r", "--retry", "--yes"),
                "released without an effect",
                "the next call runs");
    }

    @Test
    void aStaleFenceIsRefused() {
        database.advance(CliDatabase.LEASE.plusSeconds(1));
        var unused =
                store.fail(CliDatabase.claim(store, ID, "owner-2", OnUnknown.RERUN), Failure.unknown("timeout", ""));
        List<String> before = database.contents();
        refusedWithoutChange(
                before, resolve("--retry", "--yes", "--fence", "1"), "has fence 2, expected 1", "toolgate explain");
        var unused2 = resolve("--retry", "--yes", "--fence", "2").done();
    }

    @Test
    void anUnknownKeyIsRefused() {
        inDoubt();
        List<String> before = database.contents();
        CliResult unknown = database.cli("resolve", "nobodys", "--reason", "r", "--retry", "--yes");
        unknown.refused("no record", "--url");
        CliResult other = database.cli(
                "resolve",
                "order-981",
                "--tenant",
                "other",
                "--action",
                "charge-card",
                "--reason",
                "r",
                "--retry",
                "--yes");
        other.refused("there is no record of this key");
        assertThat(database.contents()).isEqualTo(before);
    }

    @Test
    void unreadableResultFilesAreRefused() throws IOException {
        inDoubt();
        List<String> before = database.contents();
        refusedWithoutChange(before, resolve("--completed-file", "missing.txt", "--yes"), "missing.txt is not a file");
        refusedWithoutChange(before, resolve("--completed-file", directory.toString(), "--yes"), "is not a file");
        String file = file("x".repeat(100));
        refusedWithoutChange(
                before, resolve("--completed-file", file, "--max-bytes", "99", "--yes"), "more than 99 bytes");
        Files.write(Path.of(file), new byte[] {(byte) 0xFF});
        refusedWithoutChange(
                before, resolve("--completed-file", file, "--codec", "json/1", "--yes"), "not UTF-8", "json/1");
    }

    @Test
    void anUnknownCodecMustBeNamed() throws IOException {
        inDoubt();
        String file = file("receipt");
        refusedWithoutChange(
                database.contents(), resolve("--completed-file", file, "--yes"), "no other result", "--codec");
        var unused = store.complete(CliDatabase.claim(store, CliDatabase.id("a")), Payload.of("json/1", new byte[0]));
        var unused2 = store.complete(CliDatabase.claim(store, CliDatabase.id("b")), Payload.of("text/1", new byte[0]));
        refusedWithoutChange(
                database.contents(),
                resolve("--completed-file", file, "--yes"),
                "different codecs",
                "json/1",
                "text/1");
    }

    @Test
    void encryptedResultsAreRefused() throws IOException {
        inDoubt();
        var unused =
                store.complete(CliDatabase.claim(store, CliDatabase.id("a")), Payload.of("aes-gcm/1:k1", new byte[40]));
        refusedWithoutChange(
                database.contents(),
                resolve("--completed-file", file("receipt"), "--yes"),
                "encrypted",
                "gate.resolve(...)");
    }

    @Test
    void conflictingOptionsAreRefused() {
        inDoubt();
        List<String> before = database.contents();
        refusedWithoutChange(before, resolve("--yes"), "exactly one of");
        refusedWithoutChange(before, resolve("--retry", "--rejected", "x", "--yes"), "exactly one of");
        refusedWithoutChange(before, resolve("--retry", "--message", "x", "--yes"), "--message goes with --rejected");
        refusedWithoutChange(before, resolve("--retry", "--codec", "x", "--yes"), "--codec goes with");
        refusedWithoutChange(before, resolve("--rejected", "toolgate:mine", "--yes"), "reserved for the library");
        refusedWithoutChange(before, resolve("--retry", "--operator", " ", "--yes"), "--operator");
        database.cli("resolve", "order-981", "--retry", "--yes").refused("--reason");
        database.cli("resolve", "--retry", "--reason", "r", "--yes").refused("name the key");
        assertThat(database.contents()).isEqualTo(before);
    }

    @Test
    void aFinishedRecordIsRetired() {
        refusedWithoutChange(
                database.contents(),
                database.cli("retire", "order-981", "--reason", "r", "--yes"),
                "not finished",
                "toolgate resolve");
        var unused = store.complete(lease, CliDatabase.text("receipt-1"));
        String out = database.cli("retire", "order-981", "--reason", "refunded", "--yes")
                .done()
                .out();
        assertThat(out).contains("Done, at version 3: it is retired.");
        assertThat(store.peek(ID).orElseThrow().numbers().providerKey()).isEqualTo(1);
        assertThat(CliDatabase.claim(store, ID).fence()).isEqualTo(2);
        refusedWithoutChange(
                database.contents(), database.cli("retire", "order-981", "--reason", "r", "--yes"), "not finished");
    }

    @Test
    void anOldDoubtIsResolved() {
        inDoubt();
        database.advance(Duration.ofDays(30));
        var unused = resolve("--retry", "--yes").done();
        assertThat(record().state()).isEqualTo(RecordState.RETRYABLE);
    }
}
