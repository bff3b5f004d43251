package io.toolgate.race.process;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class RunScopeTest {
    private final StringWriter complaints = new StringWriter();
    private final List<String> done = new ArrayList<>();
    private final RunScope scope = RunScope.open(new PrintWriter(complaints));

    @Test
    void whatCameLastGoesFirstAndOnce() {
        scope.onClose("a", () -> done.add("a"));
        scope.onClose("b", () -> done.add("b"));
        scope.close();
        scope.close();
        assertThat(done).containsExactly("b", "a");
    }

    @Test
    void whatCannotBeTidiedUpIsToldAndKeepsNothingElseFromIt() {
        scope.onClose("a", () -> done.add("a"));
        scope.onClose("remove the rows", () -> {
            throw new IOException("permission denied");
        });
        scope.close();
        assertThat(done).containsExactly("a");
        assertThat(complaints.toString().lines()).containsExactly("could not remove the rows: permission denied");
    }

    @Test
    void whatComesTooLateIsTidiedUpAtOnce() {
        scope.close();
        assertThatThrownBy(() -> scope.onClose("a", () -> done.add("a"))).isInstanceOf(IllegalStateException.class);
        assertThat(done).containsExactly("a");
    }
}
