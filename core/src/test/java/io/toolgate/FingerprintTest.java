package io.toolgate;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.annotation.JsonRawValue;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.toolgate.internal.codec.Jackson3Library;
import io.toolgate.store.contract.Rule;
import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.Collection;
import java.util.EnumSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class FingerprintTest {
    private static final ObjectMapper JSON =
            new ObjectMapper().enable(com.fasterxml.jackson.databind.DeserializationFeature.USE_BIG_DECIMAL_FOR_FLOATS);

    record Charge(String account, long cents, List<String> tags) {}

    /** The fingerprint by Jackson 2, which is that by Jackson 3. */
    private static byte[] of(@Nullable Object input) throws Exception {
        byte[] fingerprint = Fingerprint.json().canonical(input);
        // Each Jackson has a JsonNode of its own.
        if (!(input instanceof JsonNode)) {
            assertThat(new Jackson3Library().fingerprint().canonical(input)).isEqualTo(fingerprint);
        }
        return fingerprint;
    }

    private static byte[] ofText(String json) throws Exception {
        JsonNode tree = JSON.readTree(json);
        return of(tree);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "{\"a\":1,\"b\":2} | {\"b\":2,\"a\":1}",
                "{\"a\":{\"x\":1,\"y\":[1,2]}} | {\"a\":{\"y\":[1,2],\"x\":1}}",
                "1 | 1.0",
                "1 | 1e0",
                "100 | 1E+2",
                "0 | 0.000",
                "0 | -0.0",
                "{\"a\":null} | {}",
                "{\"a\":{\"b\":null,\"c\":1}} | {\"a\":{\"c\":1}}",
                "\"\\u00e9\" | \"é\"",
            })
    void valuesThatAreEqualAsJsonHaveEqualFingerprints(String one, String other) throws Exception {
        assertThat(ofText(one)).isEqualTo(ofText(other));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "[1,2] | [2,1]",
                "[1,[2]] | [[1],2]",
                "\"1\" | 1",
                "\"\" | null",
                "[] | {}",
                "[null] | []",
                "{\"a\":{\"b\":null}} | {}",
                "true | \"true\"",
                "9007199254740993 | 9007199254740992",
                "0.1 | 0.10000000000000000001",
                "{\"a\":\"b\",\"c\":\"d\"} | {\"a\":\"bc\",\"d\":\"\"}",
                "\"e\u0301\" | \"é\"",
                "10 | 1",
            })
    void differentValuesHaveDifferentFingerprints(String one, String other) throws Exception {
        assertThat(ofText(one)).isNotEqualTo(ofText(other));
    }

    @Test
    void objectsRecordsAndMapsOfEqualContentHaveEqualFingerprints() throws Exception {
        Map<String, Object> map = new LinkedHashMap<>();
        map.put("tags", List.of("a", "b"));
        map.put("cents", 1200);
        map.put("account", "acc-1");
        assertThat(of(new Charge("acc-1", 1200, List.of("a", "b")))).isEqualTo(of(map));
    }

    @Test
    void acceptsNullAndNumbersThatJsonDoesNotHave() throws Exception {
        assertThat(of(null)).isNotEmpty();
        assertThat(of(Double.NaN)).isNotEqualTo(of(Double.POSITIVE_INFINITY));
    }

    record Tagged(Set<String> tags, Collection<?> others) {}

    @Test
    @Rule(9)
    void theOrderOfASetDoesNotMatterAndThatOfAListDoes() throws Exception {
        Set<String> ab = new LinkedHashSet<>(List.of("a", "b"));
        Set<String> ba = new LinkedHashSet<>(List.of("b", "a"));
        assertThat(of(ab)).isEqualTo(of(ba)).isEqualTo(of(new TreeSet<>(ab))).isNotEqualTo(of(Set.of("a", "c")));
        assertThat(of(new Tagged(ab, ba)))
                .isEqualTo(of(new Tagged(ba, ab)))
                .isEqualTo(of(new Tagged(ba, Set.of("a", "b"))));
        assertThat(of(Map.of("k", Set.of(ab, Set.of("c"))))).isEqualTo(of(Map.of("k", Set.of(Set.of("c"), ba))));
        assertThat(of(new Tagged(ab, List.of("a", "b")))).isNotEqualTo(of(new Tagged(ab, List.of("b", "a"))));
        assertThat(of(new Colored(EnumSet.allOf(Color.class))))
                .isEqualTo(of(new Colored(new LinkedHashSet<>(List.of(Color.BLUE, Color.RED)))));
        assertThat(of(Set.of(1, 2))).isNotEqualTo(of(Set.of(12)));
        assertThat(of(new LinkedHashSet<>(List.of(new Charge("a", 1, List.of()), new Charge("b", 2, List.of())))))
                .isEqualTo(
                        of(new LinkedHashSet<>(List.of(new Charge("b", 2, List.of()), new Charge("a", 1, List.of())))));
    }

    record Colored(Set<Color> colors) {}

    enum Color {
        RED {
            @Override
            public String toString() {
                return "rouge";
            }
        },
        BLUE
    }

    enum Size implements Choice {
        RED
    }

    interface Choice {}

    enum Other implements Choice {
        RED
    }

    sealed interface Method permits Card, Voucher {}

    record Card(String number) implements Method {}

    record Voucher(String number) implements Method {}

    record Order(Method method) {}

    record Orders(List<Method> methods, Map<String, Method> byName, Optional<Method> best, Method... more) {}

    record Loose(Object any) {}

    record Plain(String number) {}

    static class Base {
        public final String number = "4711";
    }

    static class Derived extends Base {}

    record OfBase(Base base) {}

    record OfChoice(Choice choice) {}

    record Generic<T>(T value) {}

    @Test
    @Rule(9)
    void anInputOfAnotherClassIsAnotherInput() throws Exception {
        Method card = new Card("4711");
        Method voucher = new Voucher("4711");
        assertThat(of(card)).isNotEqualTo(of(voucher)).isEqualTo(of(new Card("4711")));
        assertThat(of(new Order(card))).isNotEqualTo(of(new Order(voucher)));
        assertThat(of(new Loose(card)))
                .isNotEqualTo(of(new Loose(voucher)))
                .isNotEqualTo(of(new Loose(new Plain("4711"))));
        assertThat(of(new Loose(new Plain("4711")))).isNotEqualTo(of(new Loose(Map.of("number", "4711"))));
        assertThat(of(new Generic<>(card))).isNotEqualTo(of(new Generic<>(voucher)));
        assertThat(of(List.of(card))).isNotEqualTo(of(List.of(voucher)));
        assertThat(of(Map.of("m", card))).isNotEqualTo(of(Map.of("m", voucher)));
        assertThat(of(Set.of(card))).isNotEqualTo(of(Set.of(voucher)));
        assertThat(of(new Method[] {card})).isNotEqualTo(of(new Method[] {voucher}));
        assertThat(of(orders(card, card, card, card))).isEqualTo(of(orders(card, card, card, card)));
        assertThat(of(orders(card, card, card, card)))
                .isNotEqualTo(of(orders(voucher, card, card, card)))
                .isNotEqualTo(of(orders(card, voucher, card, card)))
                .isNotEqualTo(of(orders(card, card, voucher, card)))
                .isNotEqualTo(of(orders(card, card, card, voucher)));
        assertThat(of(new OfBase(new Base()))).isNotEqualTo(of(new OfBase(new Derived())));
        assertThat(of(new Base())).isNotEqualTo(of(new Derived()));
        assertThat(of(new OfChoice(Size.RED))).isNotEqualTo(of(new OfChoice(Other.RED)));
        assertThat(of(Size.RED)).isNotEqualTo(of(Other.RED));
    }

    private static Orders orders(Method listed, Method named, Method best, Method more) {
        return new Orders(List.of(listed), Map.of("a", named), Optional.of(best), more);
    }

    /** Of values of the JDK only what they write counts: which class holds them depends on how they were made. */
    @Test
    @Rule(9)
    void classesOfTheJdkDoNotMatter() throws Exception {
        assertThat(of(new Loose(List.of("a")))).isEqualTo(of(new Loose(new ArrayList<>(List.of("a")))));
        assertThat(of(new Loose(Map.of("a", 1)))).isEqualTo(of(new Loose(new TreeMap<>(Map.of("a", 1L)))));
        assertThat(of(new Loose(5))).isEqualTo(of(new Loose(new BigDecimal("5.00"))));
        assertThat(of(new Loose("a"))).isEqualTo(of(new Loose(new StringBuilder("a"))));
    }

    /** A double has the digits that it was written with, in every version of Java; 2.0E-3 had more before 19. */
    @Test
    @Rule(9)
    void aDoubleEqualsTheDecimalThatIsReadAsIt() throws Exception {
        Map<Object, String> same = Map.of(
                0.1,
                "0.1",
                1.1f,
                "1.1",
                2e-3,
                "0.002",
                2e23,
                "2e23",
                1e23,
                "1e23",
                Double.MIN_VALUE,
                "5e-324",
                Double.MAX_VALUE,
                "1.7976931348623157e308",
                100.0,
                "100",
                1.0E10f,
                "10000000000");
        for (Map.Entry<Object, String> each : same.entrySet()) {
            assertThat(of(each.getKey())).as(each.getValue()).isEqualTo(of(new BigDecimal(each.getValue())));
        }
        assertThat(of(0.1 + 0.2)).isNotEqualTo(of(0.3));
    }

    @SuppressWarnings("unused") // Read by Jackson.
    record Raw(@JsonRawValue String json, byte[] bytes) {}

    @Test
    @Rule(9)
    void rawJsonAndBytesAreCompared() throws Exception {
        assertThat(of(new Raw("{\"a\":1}", new byte[] {1})))
                .isEqualTo(of(new Raw("{\"a\":1}", new byte[] {1})))
                .isNotEqualTo(of(new Raw("{\"a\":2}", new byte[] {1})))
                .isNotEqualTo(of(new Raw("{\"a\":1}", new byte[] {2})));
    }

    @Test
    void writesHugeExponentsShortly() throws Exception {
        assertThat(ofText("1e100000000")).hasSizeLessThan(100);
    }

    @Test
    void refusesInputThatIsNestedWithoutEnd() {
        JsonNode deep = JSON.createArrayNode();
        for (int i = 0; i < 2_000; i++) {
            deep = JSON.createArrayNode().add(deep);
        }
        JsonNode nested = deep;
        assertThatThrownBy(() -> of(nested)).hasMessageContaining("nested deeper than 1000");
    }

    @Test
    void textTellsNullFromEmpty() throws Exception {
        assertThat(Fingerprint.text().canonical(null))
                .isNotEqualTo(Fingerprint.text().canonical(""));
        assertThat(Fingerprint.text().canonical("a\uD800"))
                .isNotEqualTo(Fingerprint.text().canonical("a\uD801"));
    }
}
