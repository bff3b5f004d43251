package io.toolgate.race.racer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.toolgate.race.action.ChargeAction;
import io.toolgate.race.action.RaceAction;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ByNameTest {
    /** A runtime that cannot be made. */
    public static final class Failing implements RuntimeUnderTest {
        public Failing() {
            throw new IllegalStateException("no licence");
        }
    }

    /** A runtime whose constructor nobody may call. */
    public static final class Hidden implements RuntimeUnderTest {
        Hidden() {}
    }

    /** A runtime that can be made. */
    public static final class Fine implements RuntimeUnderTest {
        public Fine() {}
    }

    @Test
    void whatCanBeMadeIsMade() {
        assertThat(ByName.make(ChargeAction.class.getName(), RaceAction.class)).isInstanceOf(ChargeAction.class);
        assertThat(RuntimeUnderTest.of(Fine.class.getName())).isInstanceOf(Fine.class);
        assertThat(RuntimeUnderTest.of(null)).isSameAs(RuntimeUnderTest.REAL);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "no.such.Class",
                "",
                "java.lang.String",
                "io.toolgate.race.racer.ByNameTest$Hidden",
                "io.toolgate.race.racer.RuntimeUnderTest"
            })
    void whatCannotIsNamedOnOneLine(String name) {
        assertThatThrownBy(() -> RuntimeUnderTest.of(name))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage(name + " cannot be used: name a public class on the class path that is a RuntimeUnderTest"
                        + " and has a public constructor without parameters");
    }

    @Test
    void aConstructorThatThrowsIsQuoted() {
        assertThatThrownBy(() -> RuntimeUnderTest.of(Failing.class.getName()))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContainingAll("Failing cannot be instantiated", "no licence");
    }
}
