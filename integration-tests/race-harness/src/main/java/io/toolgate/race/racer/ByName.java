package io.toolgate.race.racer;

import io.toolgate.support.Messages;
import java.lang.reflect.InvocationTargetException;

/** Factory of objects whose class is named by an option or a plan. */
public final class ByName {
    private ByName() {}

    /**
     * Creates an instance of the class called {@code name}.
     *
     * @throws IllegalArgumentException if there is no such class, it is not a {@code type}, or it cannot be
     *     instantiated
     */
    public static <T> T make(String name, Class<T> type) {
        try {
            return Class.forName(name).asSubclass(type).getConstructor().newInstance();
        } catch (InvocationTargetException e) {
            throw new IllegalArgumentException(
                    name + " cannot be instantiated: its constructor threw " + e.getCause(), e);
        } catch (ReflectiveOperationException | ClassCastException e) {
            throw new IllegalArgumentException(
                    name + " cannot be used: name a public class on the class path that is a " + type.getSimpleName()
                            + " and has a public constructor without parameters",
                    e);
        } catch (LinkageError e) {
            throw new IllegalArgumentException(name + " cannot be loaded: " + Messages.oneLine(e), e);
        }
    }
}
