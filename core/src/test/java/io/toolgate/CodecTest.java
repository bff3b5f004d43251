package io.toolgate;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.core.type.TypeReference;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.nio.charset.CharacterCodingException;
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
    void jsonGoesThereAndBack() throws Exception {
        JsonCodec<Receipt> json = JsonCodec.of(Receipt.class);
        assertThat(json.decode(json.encode(new Receipt("r-1", 5)))).isEqualTo(new Receipt("r-1", 5));
        JsonCodec<List<Receipt>> list = JsonCodec.of(new TypeReference<>() {}, new ObjectMapper());
        assertThat(list.decode(list.encode(List.of(new Receipt("r-1", 5))))).containsExactly(new Receipt("r-1", 5));
    }

    @Test
    void jsonTakesNoTypeFromTheBytes() {
        JsonCodec<Receipt> json = JsonCodec.of(Receipt.class);
        byte[] typed = "[\"java.util.ArrayList\",[]]".getBytes(java.nio.charset.StandardCharsets.UTF_8);
        assertThatThrownBy(() -> json.decode(typed)).isInstanceOf(java.io.IOException.class);
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
