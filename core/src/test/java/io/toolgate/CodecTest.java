package io.toolgate;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.core.type.TypeReference;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.PropertyNamingStrategies;
import com.fasterxml.jackson.databind.SerializationFeature;
import java.math.BigDecimal;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.time.OffsetDateTime;
import java.util.List;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Named;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class CodecTest {
    record Receipt(String id, long cents) {}

    @Test
    void textIsUtf8AndRefusesWhatUtf8CannotHold() throws Exception {
        ResultCodec<String> text = ResultCodec.text();
        assertThat(text.decode(text.encode("é😀"))).isEqualTo("é😀");
        assertThat(text.encode("")).isEmpty();
        assertThatThrownBy(() -> text.encode("\uD83D")).isInstanceOf(CharacterCodingException.class);
        assertThatThrownBy(() -> text.decode(new byte[] {(byte) 0xC3})).isInstanceOf(CharacterCodingException.class);
    }

    @Test
    void jsonDecodesWhatItEncoded() throws Exception {
        JsonCodec<Receipt> json = JsonCodec.of(Receipt.class);
        assertThat(json.decode(json.encode(new Receipt("r-1", 5)))).isEqualTo(new Receipt("r-1", 5));
        JsonCodec<List<Receipt>> list = JsonCodec.of(new JsonCodec.TypeOf<List<Receipt>>() {});
        assertThat(list.decode(list.encode(List.of(new Receipt("r-1", 5))))).containsExactly(new Receipt("r-1", 5));
    }

    @Test
    void aTypeThatIsNotWrittenOutIsRefused() {
        @SuppressWarnings("rawtypes")
        class Raw implements JsonCodec.TypeOf {}
        @SuppressWarnings("unchecked")
        JsonCodec.TypeOf<Receipt> raw = new Raw();
        assertThatThrownBy(() -> JsonCodec.of(raw))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("new JsonCodec.TypeOf<List<Receipt>>() {}");
    }

    record Times(@Nullable OffsetDateTime at, Object amount) {}

    private static List<Named<ResultCodec<Times>>> ownMappers() {
        ObjectMapper two = new ObjectMapper()
                .findAndRegisterModules()
                .setPropertyNamingStrategy(PropertyNamingStrategies.UPPER_CAMEL_CASE);
        tools.jackson.databind.ObjectMapper three = tools.jackson.databind.json.JsonMapper.builder()
                .propertyNamingStrategy(tools.jackson.databind.PropertyNamingStrategies.UPPER_CAMEL_CASE)
                .build();
        return List.of(
                Named.of(
                        "Jackson 2",
                        Jackson2Codec.of(Times.class, two.disable(SerializationFeature.WRITE_DATES_AS_TIMESTAMPS))),
                Named.of("Jackson 3", Jackson3Codec.of(Times.class, three)));
    }

    @ParameterizedTest
    @MethodSource("ownMappers")
    void aMapperOfYourOwnChoosesTheNamesAndNotWhetherAllAreGivenTheSame(ResultCodec<Times> codec) throws Exception {
        Times times = new Times(OffsetDateTime.parse("2026-11-30T15:24:06+02:00"), new BigDecimal("1.10"));
        String json = "{\"At\":\"2026-11-30T15:24:06+02:00\",\"Amount\":1.10";
        assertThat(codec.encode(times)).asString(StandardCharsets.UTF_8).isEqualTo(json + "}");
        byte[] newer = (json + ",\"Added\":1}").getBytes(StandardCharsets.UTF_8);
        assertThat(codec.decode(newer)).isEqualTo(times);
    }

    @Test
    void aMapperWithWhichBytesNameClassesIsRefused() {
        ObjectMapper two = new ObjectMapper();
        two.activateDefaultTyping(two.getPolymorphicTypeValidator());
        assertRefused(() -> Jackson2Codec.of(Receipt.class, two), "default typing");
        assertRefused(() -> Jackson2Codec.of(new TypeReference<List<Receipt>>() {}, two), "default typing");
        tools.jackson.databind.ObjectMapper three = tools.jackson.databind.json.JsonMapper.builder()
                .activateDefaultTyping(tools.jackson.databind.jsontype.BasicPolymorphicTypeValidator.builder()
                        .allowIfSubType(Receipt.class)
                        .build())
                .build();
        assertRefused(() -> Jackson3Codec.of(Receipt.class, three), "default typing");
        assertRefused(
                () -> Jackson3Codec.of(new tools.jackson.core.type.TypeReference<List<Receipt>>() {}, three),
                "default typing");
    }

    @Test
    void aTypeThatAMapperCannotReadIsRefused() {
        assertRefused(() -> Jackson2Codec.of(Times.class, new ObjectMapper()), "jackson-datatype-jsr310");
        assertRefused(() -> Jackson3Codec.of(Runnable.class, new tools.jackson.databind.ObjectMapper()), "is abstract");
    }

    private static void assertRefused(ThrowingCallable codec, String why) {
        assertThatThrownBy(codec).isInstanceOf(IllegalArgumentException.class).hasMessageContaining(why);
    }

    @Test
    void laterChangesToAMapperHaveNoEffect() throws Exception {
        ObjectMapper mapper = new ObjectMapper();
        ResultCodec<Object> json = Jackson2Codec.of(Object.class, mapper);
        mapper.activateDefaultTyping(mapper.getPolymorphicTypeValidator(), ObjectMapper.DefaultTyping.JAVA_LANG_OBJECT);
        assertThat(json.decode("[\"java.util.Date\",0]".getBytes(StandardCharsets.UTF_8)))
                .isEqualTo(List.of("java.util.Date", 0));
        assertThat(json.encode(List.of(1))).asString(StandardCharsets.UTF_8).isEqualTo("[1]");
    }

    @Test
    void aCodecReadsWhatItsOwnIdStoredAndNothingElse() throws Exception {
        assertThat(ResultCodec.text().reads("text/1")).isTrue();
        assertThat(ResultCodec.text().reads("text/2")).isFalse();
        ResultContext here = new ResultContext("t", "a", "k", ResultContext.RESULT);
        byte[] bytes = ResultCodec.text().encode("é", here);
        assertThat(bytes).isEqualTo("é".getBytes(StandardCharsets.UTF_8));
        assertThat(ResultCodec.text().decode(bytes, "text/1", here)).isEqualTo("é");
    }

    @Test
    void idsTellTheEncodingAndItsVersion() {
        assertThat(List.of(
                        JsonCodec.of(Receipt.class).id(),
                        ResultCodec.text().id(),
                        ResultCodec.bytes().id(),
                        ResultCodec.nothing().id()))
                .containsExactly("json/1", "text/1", "bytes/1", "void/1");
    }
}
