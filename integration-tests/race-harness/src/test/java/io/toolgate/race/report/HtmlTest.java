package io.toolgate.race.report;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;

/** Texts stay texts. */
class HtmlTest {
    private final Html html = new Html();

    @Test
    void textsAndAttributesAreEscaped() {
        html.leaf("p", "<script>&\"'", "title", "\"><script>&'");
        assertThat(html.toString())
                .isEqualTo("<p title=\"&quot;&gt;&lt;script&gt;&amp;&#39;\">&lt;script&gt;&amp;&quot;&#39;</p>");
    }

    @Test
    void whatXmlDoesNotAllowIsReplaced() {
        assertThat(Html.escape("a\u0000b\u001Bc\uD800d\uFFFFe\u0085")).isEqualTo("a\uFFFDb\uFFFDc\uFFFDd\uFFFDe\uFFFD");
        assertThat(Html.escape("tab\tline\n\uD83D\uDE00ü")).isEqualTo("tab\tline\n\uD83D\uDE00ü");
    }

    @Test
    void coordinatesHaveOneDecimalAndAPoint() {
        html.empty("line", "x1", 1.26, "y1", 3);
        assertThat(html).hasToString("<line x1=\"1.3\" y1=\"3\"/>\n");
    }

    @Test
    void anElementThatIsNotClosedIsNoticed() {
        html.open("p");
        assertThatThrownBy(html::toString)
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("p");
    }

    @Test
    void rawContentMustNotNeedEscaping() {
        assertThatThrownBy(() -> html.raw("style", "a</style>")).isInstanceOf(IllegalArgumentException.class);
    }
}
