package io.toolgate;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class FingerprintTest {
    private static final ObjectMapper JSON =
            new ObjectMapper().enable(com.fasterxml.jackson.databind.DeserializationFeature.USE_BIG_DECIMAL_FOR_FLOATS);

    record Charge(String account, long cents, List<String> tags) {}

    private static byte[] of(Object input) throws Exception {
        return Fingerprint.json().canonical(input);
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
                "{\"a\":null} | {}",
                "\"1\" | 1",
                "\"\" | null",
                "[] | {}",
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
