package io.toolgate.bench.report;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import io.toolgate.support.Json;
import java.io.ByteArrayInputStream;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import javax.xml.parsers.DocumentBuilderFactory;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.w3c.dom.Document;

class ReportTest {
    @Test
    void theMedianIsTheMiddleOrTheMeanOfTheTwoInIt() {
        assertThat(Medians.of(List.of(3.0, 100.0, 1.0))).isEqualTo(3);
        assertThat(Medians.of(List.of(4.0, 1.0, 100.0, 2.0))).isEqualTo(3);
        assertThatThrownBy(() -> Medians.of(List.of())).isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void aRatioIsOfWhatWasMeasuredInTheSameRepetition() {
        Series fast = Samples.series("toolgate", 1, Map.of(), 1000, 1200, 1100);
        Series slow = Samples.series("jdbc", 1, Map.of(), 500, 400, 1000);
        // 2, 3 and 1.1; the ratio of the medians would be 2.2.
        assertThat(Medians.ratio(fast, slow)).hasValue(2.0);

        Map<Integer, Sample> last = new TreeMap<>(slow.samples());
        last.remove(0);
        last.remove(1);
        Series onlyTheLast = new Series("throughput", "jdbc", 1, Map.of(), last);
        assertThat(Medians.ratio(fast, onlyTheLast)).hasValue(1.1);
        assertThat(Medians.ratio(fast, new Series("throughput", "jdbc", 1, Map.of(), Map.of())))
                .isEmpty();
    }

    @Test
    void resultsAreMediansWithRatiosBeside() {
        List<Result> results = Samples.report().results();
        assertThat(results).extracting(Result::contender).containsExactly("toolgate", "jdbc", "toolgate", "jdbc");
        Result first = results.get(0);
        assertThat(first.opsPerSecond()).isEqualTo(1100);
        assertThat(first.p50Ms()).isEqualTo(0.909);
        assertThat(first.p99Ms()).isEqualTo(4.545);
        assertThat(first.repetitions()).isEqualTo(3);
        assertThat(first.opsPerSecondEach()).containsExactly(1000.0, 1200.0, 1100.0);
        assertThat(first.further()).containsEntry("of_jdbc", 2.0).containsEntry("threads", 110.0);
        assertThat(results.get(2).further()).containsEntry("of_jdbc", 300.0);
    }

    @Test
    void growthIsComparedWithTheEmptyTable() {
        Map<String, Object> empty = Map.of("rows", 0L);
        Map<String, Object> full = Map.of("rows", 1000L);
        List<Result> results = Results.of(
                "sqlite",
                List.of(
                        Samples.series("toolgate", 16, empty, 100, 200),
                        Samples.series("toolgate", 16, full, 90, 160),
                        Samples.series("jdbc", 16, empty, 100, 100),
                        Samples.series("jdbc", 16, full)));
        assertThat(results).as("without the one that has no sample").hasSize(3);
        assertThat(results.get(0).further()).doesNotContainKey("of_empty").containsEntry("of_jdbc", 1.5);
        assertThat(results.get(1).further())
                .containsEntry("of_empty", 0.85)
                .containsEntry("rows", 1000L)
                .doesNotContainKey("of_jdbc");
    }

    @Test
    void jsonHasTheFieldsThatOthersRead() throws Exception {
        JsonNode json = JsonMapper.builder().build().readTree(Json.pretty(Samples.report()));
        JsonNode result = json.get("results").get(0);
        assertThat(result.get("benchmark").asText()).isEqualTo("throughput");
        assertThat(result.get("contender").asText()).isEqualTo("toolgate");
        assertThat(result.get("database").asText()).isEqualTo("postgresql");
        assertThat(result.get("concurrency").isInt()).isTrue();
        assertThat(result.get("ops_per_second").doubleValue()).isEqualTo(1100);
        assertThat(result.get("p50_ms").isNumber()).isTrue();
        assertThat(result.get("p99_ms").isNumber()).isTrue();
        assertThat(result.get("repetitions").intValue()).isEqualTo(3);
        assertThat(result.get("of_jdbc").doubleValue()).isEqualTo(2);
        assertThat(result.has("further")).isFalse();
        assertThat(json.fieldNames())
                .toIterable()
                .containsExactly(
                        "benchmark",
                        "results",
                        "settings",
                        "database",
                        "machine",
                        "contenders",
                        "left_out",
                        "failures");
    }

    @Test
    void theTableIsAlignedForPeopleAndMarkedForAReadme() {
        ResultTable table = new ResultTable(Samples.report().results());
        assertThat(table.text().lines().limit(3))
                .containsExactly(
                        "benchmark   contender  concurrency   ops/s  p50 ms  p99 ms  of jdbc  threads",
                        "throughput  toolgate             1   1,100   0.909    4.55        2      110",
                        "throughput  jdbc                 1     500       2      10        1       50");
        assertThat(table.markdown().lines().limit(3))
                .containsExactly(
                        "| benchmark | contender | concurrency | ops/s | p50 ms | p99 ms | of jdbc | threads |",
                        "|---|---|---:|---:|---:|---:|---:|---:|",
                        "| throughput | toolgate | 1 | 1,100 | 0.909 | 4.55 | 2 | 110 |");
    }

    @Test
    void theNarrativeSaysHowItWasMeasured() {
        assertThat(Narrative.markdown(Samples.report()))
                .contains("- Medians. Settings: repetitions 3")
                .contains("fsync on")
                .contains("- jdbc: by hand")
                .contains("- Left out: camel, it does not support this");
        assertThat(Narrative.text(Samples.report())).contains("\njdbc: by hand");
    }

    @ParameterizedTest
    @CsvSource({
        "0, 0",
        "0.1234, 0.123",
        "1.234, 1.23",
        "12.34, 12.3",
        "123.4, 123",
        "12345.6, '12,346'",
        "7, 7",
        "-1.5, -1.50"
    })
    void figuresHaveThreeDigitsThatCount(double value, String shown) {
        assertThat(Figures.shown(value)).isEqualTo(shown);
    }

    @Test
    void aScaleBeginsAtZeroUnlessValuesAreFarApart() {
        Scale near = Scale.of(List.of(30.0, 47.0));
        assertThat(near).isEqualTo(new Scale(0, 60, false));
        assertThat(near.ticks()).containsExactly(0.0, 20.0, 40.0, 60.0);
        assertThat(near.position(30)).isEqualTo(0.5);

        Scale far = Scale.of(List.of(0.0, 2.0, 600.0));
        assertThat(far).isEqualTo(new Scale(1, 1000, true));
        assertThat(far.ticks()).containsExactly(1.0, 10.0, 100.0, 1000.0);
        assertThat(far.position(10)).isCloseTo(1 / 3.0, within(1e-9));
        assertThat(far.position(0)).isZero();

        assertThat(Scale.of(List.of()).position(0)).isZero();
    }

    @Test
    void thePictureHasABarForEachResultInBothPanels() throws Exception {
        String svg = Plot.svg(Samples.report());
        Document picture = DocumentBuilderFactory.newInstance()
                .newDocumentBuilder()
                .parse(new ByteArrayInputStream(svg.getBytes(StandardCharsets.UTF_8)));
        int background = 1;
        int legend = 2;
        assertThat(picture.getElementsByTagName("rect").getLength()).isEqualTo(background + legend + 2 * 4);
        assertThat(svg)
                .contains("1 caller", "64 callers", "toolgate: 30,000", "operations per second", "logarithmic")
                .contains("fsync on");
    }
}
