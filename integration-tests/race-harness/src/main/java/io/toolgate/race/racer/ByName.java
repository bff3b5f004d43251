package io.toolgate.race.racer;

import io.toolgate.support.Messages;
import java.lang.reflect.InvocationTargetException;

/** Makes what options and plans name. */
public final class ByName {
    private ByName() {}

    /**
     * An instance of the class called {@code name}.
     *
     * @throws IllegalArgumentException if there is no such class, or it is not a {@code type}, or it cannot be made
     */
    public static <T> T make(String name, Class<T> type) {
        try {
            return Class.forName(name).asSubclass(type).getConstructor().newInstance();
        } catch (InvocationTargetException e) {
            throw new IllegalArgumentException(name + " cannot be made: its constructor threw " + e.getCause(), e);
        } catch (ReflectiveOperationException | ClassCastException e) {
            throw new IllegalArgumentException(
                    name
                            + " is no public class on the class path with a public constructor without parameters that is a "
                            + type.getSimpleName(),
                    e);
        } catch (LinkageError e) {
            throw new IllegalArgumentException(name + " cannot be loaded: " + Messages.oneLine(e), e);
        }
    }
}
