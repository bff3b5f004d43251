package io.toolgate.internal.codec;

import java.io.IOException;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** What is said about types in JSON, whichever library writes it. */
final class JsonTypes {
    /** The id of the codec of every library. */
    static final String CODEC_ID = "json/1";

    /** How deep JSON may be nested, so that recursion cannot exhaust the stack. */
    static final int MAX_DEPTH = 1000;

    private static final int MAX_NAME = 100;

    private JsonTypes() {}

    /** Whether a record has a component of one of these names. */
    static boolean isComponent(Class<?> type, String... names) {
        return Arrays.stream(type.getRecordComponents())
                .anyMatch(component -> List.of(names).contains(component.getName()));
    }

    static String join(String path, String member) {
        return path.isEmpty() ? member : path + "." + member;
    }

    /** A path of members. It shows names that a program declares, and hides keys of maps, which are values. */
    static final class Path {
        private final StringBuilder text = new StringBuilder();

        void add(@Nullable Object from, @Nullable String member, int index) {
            Class<?> type = from instanceof Class<?> given ? given : from == null ? Object.class : from.getClass();
            if (member == null) {
                text.append('[').append(Math.max(index, 0)).append(']');
            } else if (Map.class.isAssignableFrom(type) || !isDeclared(member)) {
                text.append("[…]");
            } else {
                text.append(text.isEmpty() ? "" : ".").append(member);
            }
        }

        private static boolean isDeclared(String name) {
            return !name.isEmpty()
                    && name.length() <= MAX_NAME
                    && Character.isJavaIdentifierStart(name.codePointAt(0))
                    && name.codePoints().allMatch(Character::isJavaIdentifierPart);
        }

        @Override
        public String toString() {
            return text.toString();
        }
    }

    /**
     * The exception for stored JSON that cannot be read. It is logged, and messages of JSON libraries quote the value
     * in question: this one names type, member and place only.
     */
    static IOException unreadable(String type, Path path, long byteOffset, Throwable cause) {
        String member = path.toString();
        IOException quiet = new IOException("the stored JSON is not a " + type
                + (member.isEmpty() ? "" : ": its member \"" + member + "\" cannot be read") + " ("
                + cause.getClass().getName() + (byteOffset < 0 ? "" : " at byte " + byteOffset) + ")");
        quiet.setStackTrace(cause.getStackTrace());
        return quiet;
    }

    /** The refusal of a type, at {@code member} of the {@code root} type. */
    static IllegalArgumentException refusal(String root, String member, String type, String why) {
        return new IllegalArgumentException("results of type " + root + " cannot be "
                + (member.isEmpty()
                        ? "stored as JSON: "
                        : "stored as JSON, because of member \"" + member + "\" of type " + type + ": ")
                + why);
    }

    /** Why a type without a module is refused. */
    static String needsModule(Class<?> type) {
        String name = type.getName();
        String module = name.startsWith("java.time.")
                ? "com.fasterxml.jackson.datatype:jackson-datatype-jsr310"
                : "com.fasterxml.jackson.datatype:jackson-datatype-jdk8";
        return "Jackson does not support it without a module; put "
                + (name.startsWith("java.")
                        ? module + " on the class path, or use Jackson 3"
                        : "one for it on the class path");
    }

    static final String DEFAULT_TYPING =
            "the mapper has default typing activated, with which stored bytes choose the classes to"
                    + " instantiate; pass a mapper without it, and annotate the types that need it with"
                    + " @JsonTypeInfo(use = NAME)";

    static final String ABSTRACT =
            "it is abstract, and nothing says which class to read; declare a class, or annotate it"
                    + " with @JsonTypeInfo(use = NAME) and @JsonSubTypes";

    static final String NO_CREATOR =
            "Jackson can write it but not read it; make it a record, give it a constructor without"
                    + " parameters, or annotate one with @JsonCreator";

    static final String INNER = "it is an inner class, which cannot be read without its outer object; make it static";

    static final String EMPTY =
            "it has no members that Jackson can see, so that all its content would be lost; make it a"
                    + " record, give it getters, or annotate its fields with @JsonProperty";
}
