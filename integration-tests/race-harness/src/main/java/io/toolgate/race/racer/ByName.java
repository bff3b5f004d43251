package io.toolgate.race.racer;

/** Makes what a plan names. */
final class ByName {
    private ByName() {}

    /**
     * An instance of the class called {@code name}.
     *
     * @throws IllegalArgumentException if there is no such class, or it cannot be made, or it is not a {@code type}
     */
    static <T> T make(String name, Class<T> type) {
        try {
            return type.cast(Class.forName(name).getConstructor().newInstance());
        } catch (ReflectiveOperationException | ClassCastException e) {
            throw new IllegalArgumentException(
                    name
                            + " is no public class on the class path with a public constructor without parameters that is a "
                            + type.getSimpleName(),
                    e);
        }
    }
}
