package io.toolgate.internal.codec;

import java.io.ByteArrayOutputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.lang.reflect.Proxy;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.math.MathContext;
import java.util.ArrayList;
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
 * <p>Libraries give a value as {@link Tokens}, of which a tree is read: of null, {@link Boolean}, {@link String},
 * {@link Number}, {@link List}, {@link Map}, {@link Unordered} and {@link Named}.
 */
final class CanonicalJson {
    private static final int DIGITS_OF_ANY_DOUBLE = 17;

    private CanonicalJson() {}

    /** The tokens of a value that a JSON library has written. */
    interface Tokens {
        /**
         * Returns the next token: a {@link Structure}, the name of a member, a text, a number or a boolean. The first
         * one in an array may be a mark: {@link Structure#SET}, or a {@link Named} whose value is the next element.
         */
        Object next() throws IOException;
    }

    /** A token that is neither a name nor a value. */
    enum Structure {
        OBJECT,
        ARRAY,
        END,
        NULL,
        /** The array holds the elements of a set. */
        SET
    }

    /** The elements of a set. */
    private record Unordered(List<@Nullable Object> elements) {}

    /** A value whose class is not the one that its member declares. */
    record Named(String type, @Nullable Object value) {}

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

    /**
     * Returns the canonical form of the value that {@code tokens} make up.
     *
     * @param name tells the value from values of other classes; null if it needs no name
     */
    static byte[] bytes(Tokens tokens, @Nullable String name) throws IOException {
        Object value = read(tokens.next(), tokens, 0);
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        write(name == null ? value : new Named(name, value), new DataOutputStream(bytes));
        return bytes.toByteArray();
    }

    private static @Nullable Object read(Object token, Tokens rest, int depth) throws IOException {
        if (depth > JsonTypes.MAX_DEPTH) {
            throw new IOException(
                    "the input is nested deeper than " + JsonTypes.MAX_DEPTH + " levels; fingerprint a part of it");
        }
        if (token == Structure.OBJECT) {
            return readMembers(rest, depth);
        }
        if (token == Structure.ARRAY) {
            return readElements(rest, depth);
        }
        if (token == Structure.NULL) {
            return null;
        }
        if (token instanceof String || token instanceof Number || token instanceof Boolean) {
            return token;
        }
        throw new IOException("the input holds a value that is no JSON; let its serializer write text or members");
    }

    private static Map<String, Object> readMembers(Tokens tokens, int depth) throws IOException {
        Map<String, Object> members = new TreeMap<>();
        for (Object name = tokens.next(); name != Structure.END; name = tokens.next()) {
            Object member = read(tokens.next(), tokens, depth + 1);
            if (member != null) {
                members.put((String) name, member);
            }
        }
        return members;
    }

    private static Object readElements(Tokens tokens, int depth) throws IOException {
        Object first = tokens.next();
        boolean isMarked = first == Structure.SET || first instanceof Named;
        List<@Nullable Object> elements = new ArrayList<>();
        for (Object token = isMarked ? tokens.next() : first; token != Structure.END; token = tokens.next()) {
            elements.add(read(token, tokens, depth + 1));
        }
        if (first instanceof Named named) {
            return new Named(named.type(), elements.get(0));
        }
        return first == Structure.SET ? new Unordered(elements) : elements;
    }

    private static void write(@Nullable Object value, DataOutputStream out) throws IOException {
        if (value == null) {
            out.writeByte('n');
        } else if (value instanceof Map<?, ?> members) {
            writeMembers(members, out);
        } else if (value instanceof List<?> elements) {
            out.writeByte('a');
            out.writeInt(elements.size());
            for (Object element : elements) {
                write(element, out);
            }
        } else if (value instanceof Unordered set) {
            writeSet(set.elements(), out);
        } else if (value instanceof Named named) {
            out.writeByte('c');
            text(named.type(), out);
            write(named.value(), out);
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

    private static void writeMembers(Map<?, ?> members, DataOutputStream out) throws IOException {
        out.writeByte('o');
        out.writeInt(members.size());
        for (Map.Entry<?, ?> member : members.entrySet()) {
            text((String) member.getKey(), out);
            write(member.getValue(), out);
        }
    }

    private static void writeSet(Collection<?> elements, DataOutputStream out) throws IOException {
        byte[][] sorted = new byte[elements.size()][];
        int i = 0;
        for (Object element : elements) {
            ByteArrayOutputStream bytes = new ByteArrayOutputStream();
            write(element, new DataOutputStream(bytes));
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
