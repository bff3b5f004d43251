package io.toolgate.race.report;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.toolgate.race.checker.Evidence;
import io.toolgate.race.checker.Figures;
import io.toolgate.race.checker.Latencies;
import io.toolgate.race.checker.Tally;
import io.toolgate.race.checker.Verdict;
import io.toolgate.race.checker.Violation;
import io.toolgate.support.UsageException;
import java.io.IOException;
import java.io.StringReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.LongStream;
import java.util.stream.Stream;
import javax.xml.parsers.DocumentBuilderFactory;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.w3c.dom.Document;
import org.w3c.dom.Element;
import org.w3c.dom.NodeList;
import org.xml.sax.InputSource;

/** The page as a whole: it can be parsed, loads nothing, says what was found, and never lets a text become markup. */
class ReportTest {
    @TempDir
    Path directory;

    @Test
    void aHeldRunWithFaults() throws Exception {
        String page = write(Scenes.all(), List.of(), Scenes.REPEAT);
        Document parsed = parse(page);
        assertThat(texts(parsed, "h1")).containsExactly("Held");
        assertThat(page).contains(Scenes.REPEAT).contains("1 key charged again in the window");
        assertThat(elements(parsed, "article"))
                .hasSizeBetween(5, KeyTimelines.MOST)
                .allSatisfy(article -> assertThat(
                                article.getElementsByTagName("svg").getLength())
                        .isEqualTo(1));
    }

    @Test
    void aViolatedRunNamesItsKindsAndShowsTheLines() throws Exception {
        Violation violation = Scenes.violation("key-000002", "2 charges", "process 2 life 1 line 4: claimed");
        Document parsed = parse(write(Scenes.all(), List.of(violation), Scenes.REPEAT));
        assertThat(texts(parsed, "h1")).containsExactly("Violated");
        assertThat(parsed.getElementsByTagName("section").item(0).getTextContent())
                .contains(Violation.Kind.CHARGED_TWICE.words());
        assertThat(texts(parsed, "pre")).contains("process 2 life 1 line 4: claimed");
        assertThat(elements(parsed, "article").get(0).getTextContent()).contains("key-000002");
        assertThat(elements(parsed, "a")).anySatisfy(link -> {
            assertThat(link.getTextContent()).isEqualTo("see its picture");
            assertThat(link.getAttribute("href")).isEqualTo("#timeline-1");
        });
    }

    @Test
    void loadsNothingAndAllowsOnlyItsOwnStyles() throws Exception {
        String page = write(Scenes.all(), List.of(), Scenes.REPEAT);
        assertThat(page)
                .doesNotContain("http:")
                .doesNotContain("https:")
                .doesNotContain("src=")
                .doesNotContain("<script")
                .doesNotContain("@import")
                .doesNotContain(" style=");
        Matcher loads = Pattern.compile("url\\((.*?)\\)").matcher(page);
        assertThat(loads.results().map(found -> found.group(1))).containsOnly("#hatch");
        Matcher allowed = Pattern.compile("style-src &#39;sha256-(.*?)&#39;").matcher(page);
        assertThat(allowed.find()).isTrue();
        Matcher styles = Pattern.compile("<style>(.*)</style>", Pattern.DOTALL).matcher(page);
        assertThat(styles.find()).isTrue();
        byte[] digest =
                MessageDigest.getInstance("SHA-256").digest(styles.group(1).getBytes(StandardCharsets.UTF_8));
        assertThat(allowed.group(1)).isEqualTo(Base64.getEncoder().encodeToString(digest));
    }

    @Test
    void textsNeverBecomeMarkup() throws Exception {
        String nasty = "</style><script>alert(\"1\")</script>&'";
        String worse = nasty + "\u0000\uD800";
        Scene scene = new Scene(true);
        Scenes.calm(scene, nasty, 3);
        String page = write(scene, List.of(Scenes.violation(nasty, worse, worse)), worse);
        assertThat(page).doesNotContain("<script");
        String shown = worse.replace('\u0000', '\uFFFD').replace('\uD800', '\uFFFD');
        Document parsed = parse(page);
        assertThat(texts(parsed, "code")).containsExactly(shown);
        assertThat(texts(parsed, "pre")).contains(shown);
        assertThat(texts(parsed, "strong")).contains(nasty);
    }

    @Test
    void anEmptyRun() throws Exception {
        Latencies none = Latencies.ofNanos(LongStream.empty());
        Tally zero = new Tally(0, 0, 0, Map.of(), 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, Map.of());
        Verdict verdict = new Verdict(List.of(), zero, new Figures(none, none, none));
        Document parsed = parse(write(new Scene(true), verdict, Scenes.REPEAT));
        assertThat(elements(parsed, "article")).isEmpty();
        assertThat(parsed.getDocumentElement().getTextContent())
                .contains("No call was answered.", "No key was called.");
    }

    @Test
    void aKeyThatWasGivenOutButNeverCalled() throws Exception {
        Scene scene = new Scene(true);
        scene.key("key-000001");
        Document parsed = parse(write(scene, List.of(Scenes.violation("key-000001", "never called")), Scenes.REPEAT));
        assertThat(elements(parsed, "article")).hasSize(1);
    }

    @Test
    void theDirectoryIsMade() throws Exception {
        Path deep = directory.resolve("a").resolve("b");
        Evidence evidence = new Scene(true).write(directory);
        Path file = Report.write(deep, Scenes.result(evidence, Scenes.verdict(List.of())), evidence, Scenes.REPEAT);
        assertThat(file).isEqualTo(deep.resolve("report.html")).isNotEmptyFile();
    }

    @Test
    void aFileIsNoDirectory() throws Exception {
        Path file = Files.createFile(directory.resolve("taken"));
        Evidence evidence = new Scene(true).write(directory);
        for (Path refused : Stream.of(file, file.resolve("below")).toList()) {
            assertThatThrownBy(() -> Report.write(
                            refused, Scenes.result(evidence, Scenes.verdict(List.of())), evidence, Scenes.REPEAT))
                    .isInstanceOf(UsageException.class)
                    .hasMessageContaining("--report needs a directory");
        }
    }

    private String write(Scene scene, List<Violation> violations, String repeat) throws IOException {
        return write(scene, Scenes.verdict(violations), repeat);
    }

    private String write(Scene scene, Verdict verdict, String repeat) throws IOException {
        Evidence evidence = scene.write(directory);
        Path file = Report.write(directory.resolve("out"), Scenes.result(evidence, verdict), evidence, repeat);
        return Files.readString(file);
    }

    private static Document parse(String page) throws Exception {
        return DocumentBuilderFactory.newInstance().newDocumentBuilder().parse(new InputSource(new StringReader(page)));
    }

    private static List<Element> elements(Document document, String tag) {
        NodeList found = document.getElementsByTagName(tag);
        return Stream.iterate(0, i -> i < found.getLength(), i -> i + 1)
                .map(i -> (Element) found.item(i))
                .toList();
    }

    private static List<String> texts(Document document, String tag) {
        return elements(document, tag).stream().map(Element::getTextContent).toList();
    }
}
