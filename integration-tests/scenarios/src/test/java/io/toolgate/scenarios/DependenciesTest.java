package io.toolgate.scenarios;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.Set;
import java.util.TreeSet;
import javax.xml.parsers.DocumentBuilderFactory;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.w3c.dom.Element;
import org.w3c.dom.NodeList;

/** What each library brings to its users. What only some of them need is optional. */
class DependenciesTest {
    @ParameterizedTest
    @CsvSource({
        "core, slf4j-api",
        "store-memory, toolgate-core",
        "migrations, ''",
        "store-jdbc, jdbi3-core toolgate-core toolgate-migrations"
    })
    void aLibraryBringsWhatEachOfItsUsersNeedsAndNothingElse(String module, String brought) throws Exception {
        Set<String> required = new TreeSet<>();
        Element project = DocumentBuilderFactory.newInstance()
                .newDocumentBuilder()
                .parse(Path.of("..", "..", module, "pom.xml").toFile())
                .getDocumentElement();
        NodeList dependencies = project.getElementsByTagName("dependency");
        for (int i = 0; i < dependencies.getLength(); i++) {
            Element dependency = (Element) dependencies.item(i);
            boolean direct = dependency.getParentNode().getParentNode().equals(project);
            String scope = text(dependency, "scope");
            if (direct
                    && !text(dependency, "optional").equals("true")
                    && !scope.equals("test")
                    && !scope.equals("provided")) {
                required.add(text(dependency, "artifactId"));
            }
        }
        assertThat(String.join(" ", required)).isEqualTo(brought);
    }

    private static String text(Element dependency, String name) {
        NodeList found = dependency.getElementsByTagName(name);
        return found.getLength() == 0 ? "" : found.item(0).getTextContent().strip();
    }
}
