package io.toolgate.internal.codec;

import java.io.ByteArrayOutputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.lang.reflect.Proxy;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.math.MathContext;
import java.util.Arrays;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * The canonical binary form of a JSON value: a tag for each kind of node, a length before each text and container,
 * members in order of their names, elements of sets in order of their bytes. Members that are null are left out, so
 * that an input type may gain a member. The form is the same for every JSON library and every Java version.
 *
 * <p>A value is null, a {@link Boolean}, {@link String}, {@link Number}, {@link List}, {@link Map} of strings,
 * {@link Unordered} or {@link Named}.
 */
final class CanonicalJson {
    private static final int MAX_DEPTH = 1000;
    private static final int DIGITS_OF_ANY_DOUBLE = 17;

    /** Marks the elements after it as a set's. */
    static final Unordered SET = new Unordered(List.of());

    private CanonicalJson() {}

    /** The elements of a set. */
    record Unordered(List<@Nullable Object> elements) {}

    /** A value whose class is not the one that its member declares. */
    record Named(String type, @Nullable Object value) {}

    /** Refuses a value at a depth at which recursion could exhaust the stack. */
    static void checkDepth(int depth) throws IOException {
        if (depth > MAX_DEPTH) {
            throw new IOException("the input is nested deeper than " + MAX_DEPTH + " levels; fingerprint a part of it");
        }
    }

    /**
     * The name that tells {@code value} from values of other classes in its place, which is declared as
     * {@code declared}; null if it needs none. Values of the JDK and containers are told apart by their JSON.
     *
     * @param declared null for the input itself, whose declared type is not known: it needs a name if its class has a
     *     supertype that is not the JDK's
     */
    static @Nullable String nameOf(@Nullable Object value, @Nullable Class<?> declared) {
        if (value == null
                || value instanceof Iterable
                || value instanceof Map
                || value instanceof CharSequence
                || value instanceof Number) {
            return null;
        }
        Class<?> type = value instanceof Enum<?> constant ? constant.getDeclaringClass() : value.getClass();
        // Names of generated classes differ from process to process.
        while (type.isHidden()
                || Proxy.isProxyClass(type)
                || type.getName().contains("$$")
                || type.getName().contains("$HibernateProxy$")) {
            type = type.getSuperclass();
        }
        boolean needless = declared == null ? !hasSupertype(type) : type == declared;
        return needless || type.isArray() || isOfJdk(type) ? null : type.getName();
    }

    private static boolean hasSupertype(Class<?> type) {
        Class<?> parent = type.getSuperclass();
        return (parent != null && !isOfJdk(parent))
                || !Arrays.stream(type.getInterfaces()).allMatch(CanonicalJson::isOfJdk);
    }

    private static boolean isOfJdk(Class<?> type) {
        ClassLoader loader = type.getClassLoader();
        return loader == null || loader == ClassLoader.getPlatformClassLoader();
    }

    static byte[] bytes(@Nullable Object value) throws IOException {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        write(value, new DataOutputStream(bytes), 0);
        return bytes.toByteArray();
    }

    private static void write(@Nullable Object value, DataOutputStream out, int depth) throws IOException {
        checkDepth(depth);
        if (value == null) {
            out.writeByte('n');
        } else if (value instanceof Map<?, ?> members) {
            writeMembers(members, out, depth);
        } else if (value instanceof List<?> elements) {
            out.writeByte('a');
            out.writeInt(elements.size());
            for (Object element : elements) {
                write(element, out, depth + 1);
            }
        } else if (value instanceof Unordered set) {
            writeSet(set.elements(), out, depth);
        } else if (value instanceof Named named) {
            out.writeByte('c');
            text(named.type(), out);
            write(named.value(), out, depth + 1);
        } else if (value instanceof Boolean bool) {
            out.writeByte(bool ? 't' : 'f');
        } else if (value instanceof Number number) {
            out.writeByte('#');
            text(number(number), out);
        } else {
            out.writeByte('"');
            text(value.toString(), out);
        }
    }

    private static void writeMembers(Map<?, ?> members, DataOutputStream out, int depth) throws IOException {
        Map<String, Object> sorted = new TreeMap<>();
        members.forEach((name, member) -> {
            if (member != null) {
                sorted.put((String) name, member);
            }
        });
        out.writeByte('o');
        out.writeInt(sorted.size());
        for (Map.Entry<String, Object> member : sorted.entrySet()) {
            text(member.getKey(), out);
            write(member.getValue(), out, depth + 1);
        }
    }

    private static void writeSet(Collection<?> elements, DataOutputStream out, int depth) throws IOException {
        byte[][] sorted = new byte[elements.size()][];
        int i = 0;
        for (Object element : elements) {
            ByteArrayOutputStream bytes = new ByteArrayOutputStream();
            write(element, new DataOutputStream(bytes), depth + 1);
            sorted[i++] = bytes.toByteArray();
        }
        Arrays.sort(sorted, Arrays::compare);
        out.writeByte('s');
        out.writeInt(sorted.length);
        for (byte[] element : sorted) {
            out.write(element);
        }
    }

    private static String number(Number number) {
        boolean isBinary = number instanceof Double || number instanceof Float;
        if (isBinary && !Double.isFinite(number.doubleValue())) {
            return number.toString();
        }
        // Unscaled value and exponent rather than plain digits: 1e1000000 would otherwise take a million of them.
        BigDecimal shortest = (isBinary ? shortest(number) : exact(number)).stripTrailingZeros();
        return shortest.unscaledValue() + "e" + -(long) shortest.scale();
    }

    private static BigDecimal exact(Number number) {
        if (number instanceof BigDecimal decimal) {
            return decimal;
        }
        return number instanceof BigInteger integer ? new BigDecimal(integer) : BigDecimal.valueOf(number.longValue());
    }

    /**
     * The shortest decimal that is read as this double or float: 0.1 for 0.1. Not {@code toString()}, whose digits
     * changed with Java 19.
     */
    private static BigDecimal shortest(Number number) {
        double value = number.doubleValue();
        BigDecimal exact = new BigDecimal(value);
        for (int digits = 1; digits < DIGITS_OF_ANY_DOUBLE; digits++) {
            BigDecimal rounded = exact.round(new MathContext(digits));
            boolean same =
                    number instanceof Float ? rounded.floatValue() == (float) value : rounded.doubleValue() == value;
            if (same) {
                return rounded;
            }
        }
        return exact.round(new MathContext(DIGITS_OF_ANY_DOUBLE));
    }

    private static void text(String text, DataOutputStream out) throws IOException {
        out.writeInt(text.length());
        out.writeChars(text);
    }
}
