package io.toolgate.store.contract;

import static org.assertj.core.api.Assertions.assertThat;

import io.toolgate.store.IdempotencyRecord;
import io.toolgate.store.Lease;
import io.toolgate.store.RecordId;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Identity of records: texts that differ in a byte are different keys. */
abstract class IdentityRules extends Rules {

    /** Pairs of texts that a database, or a helpful library, may take for one. */
    static Stream<List<String>> lookalikes() {
        return Stream.of(
                List.of("Order-1", "order-1"),
                List.of("stra\u00dfe", "strasse"),
                List.of("\u0130", "i"),
                List.of("\u00e9", "e\u0301"),
                List.of("\u212b", "\u00c5"),
                List.of("\ufb01", "fi"),
                List.of("order", "order "),
                List.of("order", " order"),
                List.of("order", "order\n"),
                List.of("order", "order\u200b"),
                List.of("order", "order\u00a0"),
                List.of("007", "7"),
                List.of("1e3", "1000"),
                List.of("0x10", "16"),
                List.of("1.0", "1"),
                List.of("true", "TRUE"),
                List.of("null", "NULL"),
                List.of("a_b", "a%b"),
                List.of("a'b", "a''b"),
                List.of("a\\b", "a\\\\b"),
                List.of("\uD83D\uDE80", "\uD83D\uDE81"),
                List.of("\uD83D\uDC69\u200D\uD83D\uDCBB", "\uD83D\uDC69\uD83D\uDCBB"),
                List.of("\u0001", "\u0002"),
                List.of("\ufeffa", "a"),
                List.of("a".repeat(255), "a".repeat(254)),
                List.of("a".repeat(254) + "b", "a".repeat(254) + "c"),
                List.of("\u20ac".repeat(85), "\u20ac".repeat(84) + "abc"));
    }

    @ParameterizedTest
    @MethodSource("lookalikes")
    @Rule(1)
    void lookalikesAreDifferentKeys(List<String> texts) {
        String one = texts.get(0);
        String two = texts.get(1);
        distinct(RecordId.of("tenant", "action", one), RecordId.of("tenant", "action", two));
        distinct(RecordId.of(one, "action", "key"), RecordId.of(two, "action", "key"));
        distinct(RecordId.of("tenant", action(one), "key"), RecordId.of("tenant", action(two), "key"));
    }

    @Test
    @Rule(1)
    void theBordersBetweenTenantActionAndKeyMatter() {
        distinct(RecordId.of("a", "action", "bc"), RecordId.of("ab", "action", "c"));
        distinct(RecordId.of("t", "a", "bc"), RecordId.of("t", "ab", "c"));
        distinct(RecordId.of("a", "b", "c"), RecordId.of("c", "b", "a"));
        distinct(RecordId.of("a/b", "c", "d"), RecordId.of("a", "b/c", "d"));
    }

    @Test
    @Rule(1)
    void keysOfOtherTenantsAndActionsAreSeparate() {
        RecordId mine = RecordId.of("tenant-a", "charge", "order-1");
        completed(mine, text("mine"));
        for (RecordId foreign :
                List.of(RecordId.of("tenant-b", "charge", "order-1"), RecordId.of("tenant-a", "refund", "order-1"))) {
            assertThat(store().peek(foreign)).isEmpty();
            assertThat(store().peekAll(List.of(mine, foreign)).keySet()).containsExactly(mine);
            acquired(store().claim(claimOf(foreign).forInput("input-2").request()));
        }
    }

    @Test
    @Rule(1)
    void aRecordKeepsItsTextsByteForByte() {
        List<RecordId> ids = lookalikes()
                .flatMap(List::stream)
                .distinct()
                .map(text -> RecordId.of("tenant", "action", text))
                .toList();
        for (RecordId id : ids) {
            own(id);
        }
        for (RecordId id : ids) {
            RecordId read = other().peek(id).orElseThrow().id();
            assertThat(read).isEqualTo(id);
            assertThat(read.toUuid()).isEqualTo(id.toUuid());
        }
        assertThat(fixture().dump()).extracting(IdempotencyRecord::id).containsExactlyInAnyOrderElementsOf(ids);
    }

    @Test
    @Rule(1)
    void theLongestTextsFit() {
        RecordId id = RecordId.of("\u20ac".repeat(85), "\uD83D\uDE80".repeat(63) + "abc", "k".repeat(255));
        Lease lease = acquire(claimOf(id).owner("\u00fc".repeat(127) + "o")).lease();
        applied(store().complete(lease, text("receipt")));
        IdempotencyRecord record = finished(other().claim(claimOf(id).request()));
        assertThat(record.id()).isEqualTo(id);
        assertThat(record.owner()).isEqualTo("\u00fc".repeat(127) + "o");
    }

    /** Not every text is an action's name: a blank one is not. */
    private static String action(String text) {
        return text.length() < 85 ? "x" + text : text;
    }

    private void distinct(RecordId one, RecordId two) {
        Lease first = own(one);
        Lease second = own(two);
        assertThat(second.fence()).as("the fence of a new key").isEqualTo(1);
        applied(store().complete(first, text("one")));
        applied(store().complete(second, text("two")));
        assertThat(other().peek(one).orElseThrow().result()).isEqualTo(text("one"));
        assertThat(other().peek(two).orElseThrow().result()).isEqualTo(text("two"));
        assertThat(other().peekAll(List.of(one, two))).hasSize(2);
    }
}
