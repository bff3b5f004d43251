package io.toolgate;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.core.type.TypeReference;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.junit.jupiter.api.Test;

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
        JsonCodec<List<Receipt>> list = JsonCodec.of(new TypeReference<>() {}, new ObjectMapper());
        assertThat(list.decode(list.encode(List.of(new Receipt("r-1", 5))))).containsExactly(new Receipt("r-1", 5));
    }

    @Test
    void jsonTakesNoTypeFromTheBytes() {
        JsonCodec<Receipt> json = JsonCodec.of(Receipt.class);
        byte[] typed = "[\"java.util.ArrayList\",[]]".getBytes(StandardCharsets.UTF_8);
        assertThatThrownBy(() -> json.decode(typed)).isInstanceOf(IOException.class);
    }

    @Test
    void jsonRefusesAMapperWithWhichBytesNameClasses() {
        ObjectMapper typed = new ObjectMapper();
        typed.activateDefaultTyping(typed.getPolymorphicTypeValidator());
        assertThatThrownBy(() -> JsonCodec.of(Receipt.class, typed))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("default typing");
        assertThatThrownBy(() -> JsonCodec.of(new TypeReference<List<Receipt>>() {}, typed))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("default typing");
    }

    @Test
    void jsonKeepsToTheMapperAsItWas() throws Exception {
        ObjectMapper mapper = new ObjectMapper();
        JsonCodec<Object> json = JsonCodec.of(Object.class, mapper);
        mapper.activateDefaultTyping(mapper.getPolymorphicTypeValidator(), ObjectMapper.DefaultTyping.JAVA_LANG_OBJECT);
        assertThat(json.decode("[\"java.util.Date\",0]".getBytes(StandardCharsets.UTF_8)))
                .isEqualTo(List.of("java.util.Date", 0));
        assertThat(new String(json.encode(List.of(1)), StandardCharsets.UTF_8)).isEqualTo("[1]");
    }

    @Test
    void jsonIsOneValueAndNothingAfterIt() {
        JsonCodec<Receipt> json = JsonCodec.of(Receipt.class);
        for (String bad : List.of("", "{\"id\":\"r\",\"cents\":5}{}", "{\"id\":\"r\",\"cents\":5} x", "{\"id\":")) {
            assertThatThrownBy(() -> json.decode(bad.getBytes(StandardCharsets.UTF_8)))
                    .as(bad)
                    .isInstanceOf(IOException.class)
                    .hasMessageContaining("the stored JSON is not a io.toolgate.CodecTest$Receipt");
        }
    }

    /** An exception of a codec is logged and stored, and must not quote a result. */
    @Test
    void jsonQuotesNoStoredValueWhenItCannotReadIt() {
        for (String bad : List.of(
                "{\"id\":\"r-1\",\"cents\":\"4111-1111\"}",
                "{\"4111-1111\":1}",
                "4111-1111",
                "{\"id\":{\"4111-1111\":1}}")) {
            assertThatThrownBy(() -> JsonCodec.of(Receipt.class).decode(bad.getBytes(StandardCharsets.UTF_8)))
                    .as(bad)
                    .isInstanceOf(IOException.class)
                    .hasNoCause()
                    .hasMessageContaining("com.fasterxml.jackson")
                    .hasMessageNotContaining("4111");
        }
        assertThatThrownBy(() -> JsonCodec.of(Runnable.class).decode("{}".getBytes(StandardCharsets.UTF_8)))
                .as("a type that can never be read")
                .hasMessageContaining("Cannot construct instance of `java.lang.Runnable`");
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
