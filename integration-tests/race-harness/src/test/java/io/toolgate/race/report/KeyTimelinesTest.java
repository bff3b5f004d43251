package io.toolgate.race.report;

import static org.assertj.core.api.Assertions.assertThat;

import io.toolgate.race.checker.Violation;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Which keys are worth a picture, and in which order. */
class KeyTimelinesTest {
    @TempDir
    Path directory;

    @Test
    void violatedOnesComeFirstThenThoseChargedTwiceAndOneCalmOneLast() throws Exception {
        List<String> keys = choose(Scenes.all(), Scenes.violation("key-000003", "seen"));
        assertThat(keys).startsWith("key-000003", "key-000002").contains("key-000001", "key-000004");
        assertThat(keys).hasSize(5);
        assertThat(keys.get(4)).startsWith("key-0001");
    }

    @Test
    void theCalmOneIsThatWithTheMostCalls() throws Exception {
        Scene scene = new Scene(true);
        Scenes.calm(scene, "few", 1);
        Scenes.calm(scene, "many", 9);
        Scenes.calm(scene, "some", 4);
        assertThat(choose(scene)).containsExactly("many");
    }

    @Test
    void oneKeyHasOnePictureForAllItsViolations() throws Exception {
        List<KeyTimeline> timelines =
                build(Scenes.all(), Scenes.violation("key-000002", "one"), Scenes.violation("key-000002", "two"));
        assertThat(timelines)
                .extracting(KeyTimeline::key)
                .startsWith("key-000002")
                .doesNotHaveDuplicates();
        assertThat(timelines.get(0).why())
                .isEqualTo("violated: " + Violation.Kind.CHARGED_TWICE.words()
                        + "; charged 2 times, taken over once, owner frozen once");
    }

    @Test
    void thereAreNeverTooMany() throws Exception {
        Scene scene = new Scene(true);
        List<Violation> violations = new ArrayList<>();
        for (int i = 0; i < 40; i++) {
            scene.from(i * 3000);
            Scenes.window(scene, "window-" + i);
            Scenes.thrice(scene, "thrice-" + i);
            Scenes.calm(scene, "calm-" + i, 1);
            violations.add(Scenes.violation("calm-" + i, "seen"));
        }
        List<String> keys = choose(scene, violations.toArray(Violation[]::new));
        assertThat(keys).hasSizeLessThanOrEqualTo(KeyTimelines.MOST).doesNotHaveDuplicates();
        assertThat(keys.subList(0, 6)).allMatch(key -> key.startsWith("calm-"));
        assertThat(keys.subList(6, 9)).allMatch(key -> key.startsWith("window-"));
        assertThat(keys.get(9)).startsWith("thrice-");
    }

    @Test
    void aFaultCountsForTheKeysThatItsProcessOwnedThen() throws Exception {
        Scene scene = new Scene(true);
        Scenes.calm(scene, "before", 1);
        Scenes.calm(scene, "meanwhile", 1);
        // Process 2 owns each from 7 to 60 ms.
        scene.from(100);
        Scenes.calm(scene, "after", 1);
        scene.from(0);
        scene.frozen(2, 150, 155, null);
        assertThat(build(scene))
                .filteredOn(timeline -> timeline.why().equals("owner frozen once"))
                .extracting(KeyTimeline::key)
                .containsExactly("after");
    }

    @Test
    void keysThatWereNotRacedForAreLeftOut() throws Exception {
        Scene scene = new Scene(true);
        Scenes.calm(scene, "raced", 1);
        scene.run(1, "warm-up", 1, 0, 50);
        assertThat(choose(scene, Scenes.violation("warm-up", "seen"))).containsExactly("raced");
    }

    @Test
    void theCourseCountsEveryAnswer() throws Exception {
        Scene scene = new Scene(true);
        IntStream.range(0, 5).forEach(i -> {
            scene.from(i * 1000);
            Scenes.calm(scene, "key-" + i, 2);
        });
        Course course = KeyTimelines.read(scene.write(directory), Scenes.verdict(List.of()))
                .course();
        Course.Step all = course.between(course.from(), course.to());
        assertThat(all.completed).isEqualTo(5 * (4 * 2 + 1));
        assertThat(all.others).isZero();
        assertThat(course.between(course.from(), course.from() + Course.STEP_NANOS).completed)
                .isEqualTo(9);
    }

    private List<String> choose(Scene scene, Violation... violations) throws Exception {
        List<String> keys =
                build(scene, violations).stream().map(KeyTimeline::key).toList();
        assertThat(Set.copyOf(keys)).hasSameSizeAs(keys);
        return keys;
    }

    private List<KeyTimeline> build(Scene scene, Violation... violations) throws Exception {
        return KeyTimelines.read(
                        scene.write(directory),
                        Scenes.verdict(Stream.of(violations).toList()))
                .timelines();
    }
}
