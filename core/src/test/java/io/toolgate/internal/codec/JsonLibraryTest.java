package io.toolgate.internal.codec;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.annotation.JsonCreator;
import com.fasterxml.jackson.annotation.JsonProperty;
import com.fasterxml.jackson.annotation.JsonSubTypes;
import com.fasterxml.jackson.annotation.JsonTypeInfo;
import io.toolgate.Fingerprint;
import io.toolgate.JsonCodec;
import io.toolgate.ResultCodec;
import io.toolgate.store.contract.Rule;
import java.io.IOException;
import java.lang.reflect.Type;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.time.DayOfWeek;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDate;
import java.time.LocalDateTime;
import java.time.LocalTime;
import java.time.Month;
import java.time.MonthDay;
import java.time.OffsetDateTime;
import java.time.OffsetTime;
import java.time.Period;
import java.time.Year;
import java.time.YearMonth;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.time.ZonedDateTime;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.Currency;
import java.util.Date;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.OptionalLong;
import java.util.Set;
import java.util.UUID;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

/** Both Jacksons: what each can write and read, and that they write the same. */
class JsonLibraryTest {
    private static final JsonLibrary TWO = new Jackson2Library();
    private static final JsonLibrary THREE = new Jackson3Library();
    private static final OffsetDateTime EAST = OffsetDateTime.parse("2026-11-30T15:24:06.123456789+02:00");

    enum Library {
        JACKSON_2(TWO),
        JACKSON_3(THREE);

        final JsonLibrary json;

        Library(JsonLibrary json) {
            this.json = json;
        }

        <R> ResultCodec<R> codec(Class<R> type) {
            return json.codec(type);
        }
    }

    enum Color {
        RED {
            @Override
            public String toString() {
                return "rouge";
            }
        },
        BLUE
    }

    record Times(
            Instant instant,
            OffsetDateTime offset,
            ZonedDateTime zoned,
            ZonedDateTime utc,
            LocalDate date,
            LocalTime time,
            LocalDateTime local,
            OffsetTime offsetTime,
            Duration duration,
            Period period,
            Year year,
            YearMonth yearMonth,
            MonthDay monthDay,
            Month month,
            DayOfWeek day,
            ZoneId zone,
            ZoneOffset zoneOffset,
            Date old,
            Map<LocalDate, String> byDate) {}

    record Numbers(
            byte b,
            short s,
            int i,
            long l,
            float f,
            double d,
            Double nan,
            Double infinite,
            BigInteger large,
            BigDecimal money,
            BigDecimal hundreds,
            BigDecimal exact,
            @Nullable Integer none) {}

    record Texts(
            String text,
            char c,
            UUID uuid,
            Locale locale,
            Currency currency,
            URI uri,
            Color color,
            Class<?> type,
            Optional<String> some,
            Optional<String> empty,
            OptionalInt number,
            OptionalLong noNumber) {}

    record Containers(
            List<String> list, Set<Long> set, Map<Color, List<Integer>> map, Collection<Boolean> any, Node tree) {}

    record Node(String name, List<Node> children) {}

    static final class Forest extends ArrayList<Forest> {}

    static final class Trie extends HashMap<String, Trie> {}

    record Derived(long cents, String currency) {
        public boolean isPaid() {
            return cents > 0;
        }

        public List<String> getLabels() {
            return List.of("paid");
        }

        public Object getSelf() {
            throw new IllegalStateException("is not called");
        }
    }

    record Renamed(
            @JsonProperty("amount_cents") long cents,
            @JsonProperty("b") String first) {}

    /** A record with getters too, as frameworks of before records want them. */
    record Twice(String name, boolean paid) {
        public String getName() {
            return name;
        }

        public boolean isPaid() {
            return paid;
        }

        public int getLength() {
            return name.length();
        }
    }

    record Nothing() {}

    /** A bean, with an accessor of its own and a read-only view. */
    static final class Bean {
        private String name = "";
        private int count;

        public String getName() {
            return name;
        }

        public void setName(String name) {
            this.name = name;
        }

        public int getCount() {
            return count;
        }

        public void setCount(int count) {
            this.count = count;
        }

        public int getDouble() {
            return 2 * count;
        }

        public List<String> getView() {
            return List.of(name);
        }

        @Override
        public boolean equals(@Nullable Object other) {
            return other instanceof Bean that && name.equals(that.name) && count == that.count;
        }

        @Override
        public int hashCode() {
            return Objects.hash(name, count);
        }

        static Bean of(String name, int count) {
            Bean bean = new Bean();
            bean.setName(name);
            bean.setCount(count);
            return bean;
        }
    }

    /** Immutable, and read by its constructor. */
    static final class Money {
        private final long cents;

        @JsonCreator
        Money(@JsonProperty("cents") long cents) {
            this.cents = cents;
        }

        public long getCents() {
            return cents;
        }

        public boolean isLarge() {
            return cents > 1_000;
        }

        @Override
        public boolean equals(@Nullable Object other) {
            return other instanceof Money that && cents == that.cents;
        }

        @Override
        public int hashCode() {
            return Long.hashCode(cents);
        }
    }

    @JsonTypeInfo(use = JsonTypeInfo.Id.NAME)
    @JsonSubTypes({
        @JsonSubTypes.Type(value = Card.class, name = "card"),
        @JsonSubTypes.Type(value = Voucher.class, name = "voucher"),
        @JsonSubTypes.Type(value = Split.class, name = "split")
    })
    interface Method {}

    record Card(String number) implements Method {}

    record Voucher(String number) implements Method {}

    record Split(Method one, Method other) implements Method {}

    record Paid(
            Method method,
            List<Method> others,

            @JsonTypeInfo(use = JsonTypeInfo.Id.NAME)
            @JsonSubTypes(@JsonSubTypes.Type(value = Cash.class, name = "cash"))
            Tender tender) {}

    interface Tender {}

    record Cash(int coins) implements Tender {}

    static Stream<Arguments> values() {
        Map<String, @Nullable Object> untyped = new LinkedHashMap<>();
        untyped.put("decimal", new BigDecimal("1.10"));
        untyped.put("large", new BigInteger("123456789012345678901234567890"));
        untyped.put("none", null);
        untyped.put("list", List.of(1, "a", true, new BigDecimal("1E+2")));
        Node tree = new Node("root", List.of(new Node("leaf", List.of())));
        Forest forest = new Forest();
        forest.add(new Forest());
        Trie trie = new Trie();
        trie.put("a", new Trie());
        return Stream.of(
                Arguments.of(
                        new Times(
                                EAST.toInstant(),
                                EAST,
                                EAST.atZoneSameInstant(ZoneId.of("Europe/Berlin")),
                                EAST.atZoneSameInstant(ZoneId.of("UTC")),
                                EAST.toLocalDate(),
                                EAST.toLocalTime(),
                                EAST.toLocalDateTime(),
                                EAST.toOffsetTime(),
                                Duration.ofMillis(-1_500),
                                Period.parse("P1Y2M3D"),
                                Year.of(2026),
                                YearMonth.of(2026, 2),
                                MonthDay.of(2, 29),
                                Month.MAY,
                                DayOfWeek.MONDAY,
                                ZoneId.of("Europe/Berlin"),
                                ZoneOffset.ofHours(2),
                                new Date(1_700_000_000_123L),
                                Map.of(LocalDate.of(2026, 11, 30), "today")),
                        Times.class),
                Arguments.of(
                        new Numbers(
                                (byte) 1,
                                (short) 2,
                                3,
                                Long.MIN_VALUE,
                                1.1f,
                                0.1,
                                Double.NaN,
                                Double.NEGATIVE_INFINITY,
                                BigInteger.TEN.pow(2_000),
                                new BigDecimal("1.10"),
                                new BigDecimal("1E+2"),
                                new BigDecimal("0.12345678901234567890123456789"),
                                null),
                        Numbers.class),
                Arguments.of(
                        new Texts(
                                "é\u0000\u2028😀\"\uD83D",
                                'c',
                                new UUID(1, 2),
                                Locale.GERMANY,
                                Currency.getInstance("EUR"),
                                URI.create("https://x/y?z=ä"),
                                Color.RED,
                                String.class,
                                Optional.of("x"),
                                Optional.empty(),
                                OptionalInt.of(3),
                                OptionalLong.empty()),
                        Texts.class),
                Arguments.of(
                        new Containers(
                                List.of("b", "a"),
                                new LinkedHashSet<>(List.of(3L, 1L)),
                                Map.of(Color.BLUE, List.of(1, 2)),
                                List.of(true, false),
                                tree),
                        Containers.class),
                Arguments.of(new Derived(1_200, "EUR"), Derived.class),
                Arguments.of(new Renamed(1_200, "x"), Renamed.class),
                Arguments.of(new Twice("n", true), Twice.class),
                Arguments.of(new Nothing(), Nothing.class),
                Arguments.of(Bean.of("b", 3), Bean.class),
                Arguments.of(new Money(1_200), Money.class),
                Arguments.of(
                        new Paid(new Card("4711"), List.of(new Voucher("1"), new Card("2")), new Cash(3)), Paid.class),
                Arguments.of(new Card("4711"), Method.class),
                Arguments.of(new Split(new Card("4711"), new Voucher("1")), Method.class),
                Arguments.of(forest, Forest.class),
                Arguments.of(trie, Trie.class),
                Arguments.of(untyped, Map.class),
                Arguments.of(new BigDecimal("1.10"), Object.class),
                Arguments.of("text", String.class),
                Arguments.of(42, Integer.class),
                Arguments.of(List.of(new Derived(1, "EUR")), new JsonCodec.TypeOf<List<Derived>>() {}.getClass()));
    }

    private static Type typeOf(Class<?> given) {
        return JsonCodec.TypeOf.class.isAssignableFrom(given)
                ? ((java.lang.reflect.ParameterizedType) given.getGenericInterfaces()[0]).getActualTypeArguments()[0]
                : given;
    }

    @ParameterizedTest
    @MethodSource("values")
    @Rule(2)
    void whatIsReadIsWhatWasWrittenAndBothWriteTheSame(Object value, Class<?> given) throws Exception {
        ResultCodec<Object> two = TWO.codec(typeOf(given));
        ResultCodec<Object> three = THREE.codec(typeOf(given));
        byte[] bytes = two.encode(value);
        assertThat(new String(three.encode(value), StandardCharsets.UTF_8))
                .isEqualTo(new String(bytes, StandardCharsets.UTF_8));
        assertThat(two.decode(bytes)).isEqualTo(value);
        assertThat(three.decode(bytes)).isEqualTo(value);
        assertThat(two.id()).isEqualTo("json/1").isEqualTo(three.id());
    }

    @ParameterizedTest
    @MethodSource("values")
    @Rule(9)
    void bothGiveTheSameFingerprint(Object value, Class<?> unused) throws Exception {
        assertThat(canonical(THREE, value)).isEqualTo(canonical(TWO, value));
    }

    private static String canonical(JsonLibrary library, Object value) throws Exception {
        Fingerprint<Object> fingerprint = library.fingerprint();
        return new String(fingerprint.canonical(value), StandardCharsets.ISO_8859_1);
    }

    /** Serializers may hand an object on as it is, to what can hold it. */
    @com.fasterxml.jackson.databind.annotation.JsonSerialize(using = EmbeddingBy2.class)
    @tools.jackson.databind.annotation.JsonSerialize(using = EmbeddingBy3.class)
    record Embedding(Object content) {}

    static final class EmbeddingBy2 extends com.fasterxml.jackson.databind.JsonSerializer<Embedding> {
        @Override
        public void serialize(
                Embedding value,
                com.fasterxml.jackson.core.JsonGenerator generator,
                com.fasterxml.jackson.databind.SerializerProvider unused)
                throws IOException {
            generator.writeStartArray();
            generator.writeEmbeddedObject(value.content());
            generator.writeEndArray();
        }
    }

    static final class EmbeddingBy3 extends tools.jackson.databind.ValueSerializer<Embedding> {
        @Override
        public void serialize(
                Embedding value,
                tools.jackson.core.JsonGenerator generator,
                tools.jackson.databind.SerializationContext unused) {
            generator.writeStartArray();
            generator.writeEmbeddedObject(value.content());
            generator.writeEndArray();
        }
    }

    @ParameterizedTest
    @EnumSource
    @Rule(9)
    void aValueThatIsNoJsonIsNotLeftOutOfTheFingerprint(Library library) {
        assertThatThrownBy(() -> canonical(library.json, new Embedding(new Object())))
                .isInstanceOf(IOException.class)
                .hasMessageContaining("no JSON");
    }

    @ParameterizedTest
    @EnumSource
    void arraysAreKept(Library library) throws Exception {
        record Arrayed(byte[] bytes, char[] chars, long[] numbers, String[] texts) {}
        ResultCodec<Arrayed> codec = library.codec(Arrayed.class);
        byte[] bytes =
                codec.encode(new Arrayed(new byte[] {1, -1}, new char[] {'a'}, new long[] {1, 2}, new String[] {"x"}));
        assertThat(bytes)
                .asString(StandardCharsets.UTF_8)
                .isEqualTo("{\"bytes\":\"Af8=\",\"chars\":\"a\",\"numbers\":[1,2],\"texts\":[\"x\"]}");
        Arrayed back = codec.decode(bytes);
        assertThat(back.bytes()).containsExactly(1, -1);
        assertThat(back.chars()).containsExactly('a');
        assertThat(back.numbers()).containsExactly(1, 2);
        assertThat(back.texts()).containsExactly("x");
    }

    interface Open {
        String x();
    }

    abstract static class Abstract {
        public String x = "";
    }

    final class Inner {
        public String x = "";
    }

    static final class WithoutCreator {
        private final String x;
        private final String y;

        WithoutCreator(String x, String y) {
            this.x = x;
            this.y = y;
        }

        public String getX() {
            return x + y;
        }
    }

    /** Its one constructor of a text is taken for a way to read a text, but members are written. */
    static final class ReadAsText {
        private final String x;

        public ReadAsText(String text) {
            this.x = text;
        }

        public String getX() {
            return x;
        }
    }

    static final class Hidden {
        @SuppressWarnings("unused")
        private final String x = "a";
    }

    record OfOpen(Open open) {}

    record OfOpenElements(List<Open> open) {}

    record Deep(Map<String, Optional<List<OfOpen>>> deep) {}

    record OfAbstract(Abstract some) {}

    record OfInner(Inner inner) {}

    record OfHidden(String id, Hidden hidden) {}

    @JsonTypeInfo(use = JsonTypeInfo.Id.NAME)
    @JsonSubTypes(@JsonSubTypes.Type(value = BadSubtype.class, name = "bad"))
    interface Polymorphic {}

    record BadSubtype(Open open) implements Polymorphic {}

    record OfBadSubtype(List<Polymorphic> all) {}

    @JsonTypeInfo(use = JsonTypeInfo.Id.NAME)
    static class BadBase {
        public @Nullable Open open;
    }

    static final class Conflicting {
        @JsonProperty("x")
        public String getA() {
            return "a";
        }

        @JsonProperty("x")
        public String getB() {
            return "b";
        }
    }

    static Stream<Arguments> refused() {
        return Stream.of(
                Arguments.of(Open.class, "", "is abstract", "@JsonTypeInfo(use = NAME)"),
                Arguments.of(OfOpen.class, "open", "JsonLibraryTest$Open", "@JsonTypeInfo(use = NAME)"),
                Arguments.of(OfOpenElements.class, "open", "is abstract", "declare a class"),
                Arguments.of(Deep.class, "deep.open", "is abstract", "declare a class"),
                Arguments.of(OfAbstract.class, "some", "JsonLibraryTest$Abstract", "declare a class"),
                Arguments.of(Inner.class, "", "inner class", "make it static"),
                Arguments.of(OfInner.class, "inner", "inner class", "make it static"),
                Arguments.of(WithoutCreator.class, "", "not read it", "@JsonCreator"),
                Arguments.of(ReadAsText.class, "", "not read it", "@JsonCreator"),
                Arguments.of(Hidden.class, "", "no members", "@JsonProperty"),
                Arguments.of(OfHidden.class, "hidden", "no members", "@JsonProperty"),
                Arguments.of(OfBadSubtype.class, "all.open", "is abstract", "declare a class"),
                Arguments.of(BadBase.class, "open", "is abstract", "declare a class"),
                Arguments.of(Runnable.class, "", "is abstract", "declare a class"));
    }

    @ParameterizedTest
    @MethodSource("refused")
    @Rule(2)
    void aTypeThatCannotBeWrittenAndReadIsRefusedWithMemberAndRemedy(
            Class<?> type, String member, String why, String remedy) {
        for (Library library : Library.values()) {
            assertThatThrownBy(() -> library.codec(type))
                    .as(library.name())
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContaining(type.getName())
                    .hasMessageContaining(member.isEmpty() ? "cannot be stored as JSON: " : "\"" + member + "\"")
                    .hasMessageContaining(why)
                    .hasMessageContaining(remedy);
        }
    }

    @ParameterizedTest
    @EnumSource
    void aTypeOfWhichJacksonSaysThatItIsAmbiguousIsRefused(Library library) {
        assertThatThrownBy(() -> library.codec(Conflicting.class))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("Conflicting getter");
    }

    record Count(int count, @Nullable Color color, @Nullable Map<String, Integer> byName) {}

    @ParameterizedTest
    @EnumSource
    @Rule(2)
    void nothingIsRoundedOrInvented(Library library) throws Exception {
        ResultCodec<Count> codec = library.codec(Count.class);
        for (String bad : List.of("{\"count\":12.5}", "{}", "{\"count\":null}", "{\"count\":1,\"color\":1}")) {
            assertThatThrownBy(() -> codec.decode(bad.getBytes(StandardCharsets.UTF_8)))
                    .as(bad)
                    .isInstanceOf(IOException.class)
                    .hasMessageContaining(bad.contains("color") ? "\"color\"" : "\"count\"");
        }
        assertThat(codec.decode("{\"count\":12,\"more\":[{}]}".getBytes(StandardCharsets.UTF_8)))
                .isEqualTo(new Count(12, null, null));
    }

    /** An exception of a codec is logged and stored, and must not quote a result. */
    @ParameterizedTest
    @EnumSource
    void noStoredValueIsQuotedWhenItCannotBeRead(Library library) {
        for (String bad : List.of(
                "{\"count\":\"4111-1111\"}",
                "{\"count\":{\"4111-1111\":1}}",
                "4111-1111",
                "\"4111-1111\"",
                "{\"count\":1,\"color\":\"4111-1111\"}",
                "{\"count\":1,\"byName\":{\"4111\":\"4111-1111\"}}",
                "{\"count\":1,\"byName\":{\"n4111\":\"4111-1111\"}}")) {
            assertThatThrownBy(() -> library.codec(Count.class).decode(bad.getBytes(StandardCharsets.UTF_8)))
                    .as(bad)
                    .isInstanceOf(IOException.class)
                    .hasNoCause()
                    .hasMessageContaining("jackson")
                    .hasMessageNotContaining("4111");
        }
    }

    @ParameterizedTest
    @EnumSource
    void storedJsonIsOneValueAndNothingAfterIt(Library library) {
        for (String bad : List.of("", "{\"count\":5}{}", "{\"count\":5} x", "{\"count\":")) {
            assertThatThrownBy(() -> library.codec(Count.class).decode(bad.getBytes(StandardCharsets.UTF_8)))
                    .as(bad)
                    .isInstanceOf(IOException.class)
                    .hasMessageContaining("the stored JSON is not a " + Count.class.getName());
        }
    }

    @ParameterizedTest
    @EnumSource
    void noTypeIsTakenFromTheBytes(Library library) {
        byte[] typed = "[\"java.util.ArrayList\",[]]".getBytes(StandardCharsets.UTF_8);
        assertThatThrownBy(() -> library.codec(Count.class).decode(typed)).isInstanceOf(IOException.class);
    }

    @ParameterizedTest
    @EnumSource
    void aTextOfAnyLengthIsReadAgain(Library library) throws Exception {
        String long21MiB = "x".repeat(21 << 20);
        ResultCodec<String> codec = library.codec(String.class);
        assertThat(codec.decode(codec.encode(long21MiB)).length()).isEqualTo(long21MiB.length());
    }

    @ParameterizedTest
    @EnumSource
    void mapsOfValuesOfNoDeclaredTypeAreReadAsTheyWereWritten(Library library) throws Exception {
        ResultCodec<Map<String, Object>> codec = library.json.codec(Map.class);
        Map<String, Object> back = codec.decode(codec.encode(new HashMap<>(Map.of("amount", 1.10, "count", 3))));
        assertThat(back).isEqualTo(Map.of("amount", new BigDecimal("1.1"), "count", 3));
        assertThat(codec.decode(codec.encode(back))).isEqualTo(back);
        assertThat(Arrays.equals(codec.encode(back), codec.encode(codec.decode(codec.encode(back)))))
                .isTrue();
    }
}
