package io.toolgate.race.history;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.toolgate.support.Json;
import java.io.IOException;
import java.lang.reflect.Constructor;
import java.lang.reflect.RecordComponent;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class HistoriesTest {
    @TempDir
    Path directory;

    static Stream<Class<?>> types() {
        return Stream.of(Event.class, Deed.class).flatMap(kind -> Arrays.stream(kind.getPermittedSubclasses()));
    }

    @ParameterizedTest
    @MethodSource("types")
    void everyTypeSurvivesARoundTrip(Class<?> type) throws Exception {
        Class<?> kind = Event.class.isAssignableFrom(type) ? Event.class : Deed.class;
        for (boolean full : List.of(true, false)) {
            Object written = sample(type, full);
            assertThat((Object) Json.read(Json.line(written), kind)).isEqualTo(written);
        }
    }

    @Test
    void linesComeWithTheirNumbersAndWhoWroteThem() throws IOException {
        HistoryFile file = file(true, Json.line(new Event.Began(1, 2)), Json.line(new Event.Finished(3, 4)));
        assertThat(read(file))
                .containsExactly(new Line(5, 2, 1, new Event.Began(1, 2)), new Line(5, 2, 2, new Event.Finished(3, 4)));
    }

    @Test
    void theCutLastLineOfAKilledProcessIsLeftOut() throws IOException {
        String whole = Json.line(new Event.Began(1, 2));
        String cut = Json.line(new Event.Finished(3, 4)).substring(0, 20);
        assertThat(read(file(true, whole, cut))).hasSize(1);
        assertThat(read(file(true, cut))).isEmpty();
    }

    @Test
    void aCutLineAnywhereElseIsAnErrorThatSaysWhere() throws IOException {
        String whole = Json.line(new Event.Began(1, 2));
        String cut = Json.line(new Event.Finished(3, 4)).substring(0, 20);
        assertThatThrownBy(() -> read(file(false, whole, cut)))
                .isInstanceOf(IOException.class)
                .hasMessageContainingAll("history-5-2.jsonl", "line 2", cut);
        assertThatThrownBy(() -> read(file(true, whole, cut, whole))).hasMessageContaining("line 2");
    }

    @Test
    void deedsComeInOrder() throws IOException {
        List<Deed> deeds = List.of(new Deed.Went(1), new Deed.Killed(3, 1, 1, 2, null), new Deed.Swept(4));
        Path file = directory.resolve("harness.jsonl");
        Files.write(file, deeds.stream().map(Json::line).toList());
        assertThat(Histories.deeds(file)).isEqualTo(deeds);
    }

    private static List<Line> read(HistoryFile file) throws IOException {
        List<Line> lines = new ArrayList<>();
        Histories.read(file, lines::add);
        return lines;
    }

    private HistoryFile file(boolean killed, String... lines) throws IOException {
        Path path = directory.resolve("history-5-2.jsonl");
        Files.write(path, List.of(lines));
        return new HistoryFile(5, 2, path, killed);
    }

    /** One with a different value in every component; what may be null is, unless {@code full}. */
    private static Object sample(Class<?> type, boolean full) throws ReflectiveOperationException {
        RecordComponent[] components = type.getRecordComponents();
        Object[] values = new Object[components.length];
        for (int i = 0; i < components.length; i++) {
            boolean isNullable = components[i].getAnnotatedType().getAnnotations().length > 0;
            values[i] = isNullable && !full ? null : value(components[i].getType(), i + 1);
        }
        Class<?>[] parameters =
                Arrays.stream(components).map(RecordComponent::getType).toArray(Class<?>[]::new);
        Constructor<?> constructor = type.getDeclaredConstructor(parameters);
        return constructor.newInstance(values);
    }

    private static Object value(Class<?> type, int number) {
        if (type == long.class) {
            return (long) number;
        } else if (type == int.class) {
            return number;
        } else if (type == boolean.class) {
            return true;
        } else if (type == String.class) {
            return "text " + number;
        }
        Object[] constants = type.getEnumConstants();
        return constants[constants.length - 1];
    }
}
