package io.toolgate;

import com.fasterxml.jackson.core.JacksonException;
import com.fasterxml.jackson.core.JsonLocation;
import com.fasterxml.jackson.core.type.TypeReference;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JavaType;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.ObjectReader;
import com.fasterxml.jackson.databind.ObjectWriter;
import com.fasterxml.jackson.databind.exc.InvalidDefinitionException;
import com.fasterxml.jackson.databind.json.JsonMapper;
import io.toolgate.internal.base.Preconditions;
import java.io.IOException;
import org.jspecify.annotations.Nullable;

/**
 * Codec of results as JSON, by Jackson, an optional dependency: put {@code jackson-databind} on the class path.
 *
 * <p>The target type is fixed and never read from the stored bytes; a mapper with default typing is refused. Do not
 * annotate a type with {@code @JsonTypeInfo(use = CLASS)}, which has the same effect. Immutable and thread-safe.
 */
public final class JsonCodec<R extends @Nullable Object> implements ResultCodec<R> {
    private final ObjectWriter writer;
    private final ObjectReader reader;
    private final JavaType type;

    private JsonCodec(ObjectMapper mapper, JavaType type) {
        refuseDefaultTyping(mapper, type);
        this.writer = mapper.writerFor(type);
        this.type = type;
        // A stored result is exactly one value: anything after it means that the bytes are damaged.
        this.reader = mapper.readerFor(type).with(DeserializationFeature.FAIL_ON_TRAILING_TOKENS);
    }

    private static void refuseDefaultTyping(ObjectMapper mapper, JavaType type) {
        boolean typed = mapper.getDeserializationConfig().getDefaultTyper(type) != null
                || mapper.getSerializationConfig().getDefaultTyper(type) != null;
        if (typed) {
            throw new IllegalArgumentException(
                    "the mapper has default typing activated, with which stored bytes choose the classes to"
                            + " instantiate; pass a mapper without it, and annotate the types that need it with"
                            + " @JsonTypeInfo(use = NAME)");
        }
    }

    /**
     * Returns a codec of results of {@code type}, with Jackson's default settings and the modules on the class path.
     */
    public static <R> JsonCodec<R> of(Class<R> type) {
        return of(type, JsonMapper.builder().findAndAddModules().build());
    }

    /**
     * Returns a codec of results of {@code type}, with the present settings of {@code mapper}.
     *
     * @throws IllegalArgumentException if the mapper has default typing activated
     */
    public static <R> JsonCodec<R> of(Class<R> type, ObjectMapper mapper) {
        Preconditions.notNull(type, "type");
        Preconditions.notNull(mapper, "mapper");
        return new JsonCodec<>(mapper, mapper.constructType(type));
    }

    /**
     * Returns a codec of results of a generic type, such as {@code new TypeReference<List<Receipt>>() {}}, with the
     * present settings of {@code mapper}.
     *
     * @throws IllegalArgumentException if the mapper has default typing activated
     */
    public static <R> JsonCodec<R> of(TypeReference<R> type, ObjectMapper mapper) {
        Preconditions.notNull(type, "type");
        Preconditions.notNull(mapper, "mapper");
        return new JsonCodec<>(mapper, mapper.constructType(type));
    }

    @Override
    public String id() {
        return "json/1";
    }

    @Override
    public byte[] encode(R result) throws IOException {
        return writer.writeValueAsBytes(result);
    }

    @Override
    public R decode(byte[] bytes) throws IOException {
        try {
            return reader.readValue(bytes);
        } catch (JacksonException e) {
            // This exception is logged, and Jackson's messages quote the value in question. Only a message about the
            // definition of a type is safe to include: it names types, no values.
            String details = e instanceof InvalidDefinitionException ? ": " + e.getOriginalMessage() : "";
            JsonLocation at = e.getLocation();
            IOException quiet = new IOException("the stored JSON is not a " + type.toCanonical() + " ("
                    + e.getClass().getName() + (at == null ? "" : " at byte " + at.getByteOffset()) + ")" + details);
            quiet.setStackTrace(e.getStackTrace());
            throw quiet;
        }
    }
}
