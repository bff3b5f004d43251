package io.toolgate.internal.codec;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.json.JsonMapper;
import io.toolgate.Fingerprint;
import java.io.ByteArrayOutputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.math.BigDecimal;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * The canonical binary form of a JSON tree: a tag for each kind of node, a length before each text and container,
 * members in order of their names. A class of its own so that Jackson is loaded only where it is used.
 */
public final class JsonFingerprint {
    private static final int MAX_DEPTH = 1000;

    private JsonFingerprint() {}

    /** Whether Jackson is on the class path. */
    public static boolean isAvailable() {
        try {
            Class.forName("com.fasterxml.jackson.databind.ObjectMapper", false, JsonFingerprint.class.getClassLoader());
            return true;
        } catch (ClassNotFoundException e) {
            return false;
        }
    }

    /** A fingerprint with a mapper of its own. */
    public static <I extends @Nullable Object> Fingerprint<I> create() {
        if (!isAvailable()) {
            throw new IllegalStateException(
                    "Fingerprint.json() needs com.fasterxml.jackson.core:jackson-databind, which is not on the"
                            + " class path; add it, or use another fingerprint");
        }
        ObjectMapper mapper = JsonMapper.builder().findAndAddModules().build();
        return input -> canonical(mapper.valueToTree(input));
    }

    private static byte[] canonical(@Nullable JsonNode tree) throws IOException {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        DataOutputStream out = new DataOutputStream(bytes);
        write(tree, out, 0);
        return bytes.toByteArray();
    }

    private static void write(@Nullable JsonNode node, DataOutputStream out, int depth) throws IOException {
        if (depth > MAX_DEPTH) {
            throw new IOException("the input is nested deeper than " + MAX_DEPTH + " levels; fingerprint a part of it");
        }
        if (node == null || node.isNull() || node.isMissingNode()) {
            out.writeByte('n');
        } else if (node.isObject()) {
            Map<String, JsonNode> members = new TreeMap<>();
            node.properties().forEach(member -> members.put(member.getKey(), member.getValue()));
            out.writeByte('o');
            out.writeInt(members.size());
            for (Map.Entry<String, JsonNode> member : members.entrySet()) {
                text(member.getKey(), out);
                write(member.getValue(), out, depth + 1);
            }
        } else if (node.isArray()) {
            out.writeByte('a');
            out.writeInt(node.size());
            for (JsonNode element : node) {
                write(element, out, depth + 1);
            }
        } else if (node.isBoolean()) {
            out.writeByte(node.booleanValue() ? 't' : 'f');
        } else if (node.isNumber()) {
            out.writeByte('#');
            text(number(node), out);
        } else {
            out.writeByte('"');
            text(node.asText(), out);
        }
    }

    private static String number(JsonNode node) {
        if ((node.isDouble() || node.isFloat()) && !Double.isFinite(node.doubleValue())) {
            return node.asText();
        }
        BigDecimal exact = node.decimalValue();
        // Unscaled value and exponent rather than plain digits: 1e1000000 would otherwise take a million of them.
        BigDecimal shortest = exact.stripTrailingZeros();
        return shortest.unscaledValue() + "e" + -(long) shortest.scale();
    }

    private static void text(String text, DataOutputStream out) throws IOException {
        out.writeInt(text.length());
        out.writeChars(text);
    }
}
