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
 * Results as JSON, by Jackson, which is an optional dependency: put {@code jackson-databind} on the class path.
 *
 * <p>The target type is fixed here and never read from the stored bytes; a mapper with default typing is refused. Annotate no
 * type with {@code @JsonTypeInfo(use = CLASS)}, which brings that back. Immutable and safe for use by many threads.
 */
public final class JsonCodec<R extends @Nullable Object> implements ResultCodec<R> {
    private final ObjectWriter writer;
    private final ObjectReader reader;
    private final JavaType type;

    private JsonCodec(ObjectMapper mapper, JavaType type) {
        refuseDefaultTyping(mapper, type);
        this.writer = mapper.writerFor(type);
        // A stored result is one value; more of it than that is damage.
        this.type = type;
        this.reader = mapper.readerFor(type).with(DeserializationFeature.FAIL_ON_TRAILING_TOKENS);
    }

    private static void refuseDefaultTyping(ObjectMapper mapper, JavaType type) {
        boolean typed = mapper.getDeserializationConfig().getDefaultTyper(type) != null
                || mapper.getSerializationConfig().getDefaultTyper(type) != null;
        if (typed) {
            throw new IllegalArgumentException(
                    "the mapper has default typing activated, with which stored bytes name the"
                            + " classes that are made of them; pass a mapper without, and annotate the types that need it with"
                            + " @JsonTypeInfo(use = NAME) instead");
        }
    }

    /** Results of {@code type}, with a mapper of Jackson's defaults and the modules on the class path. */
    public static <R> JsonCodec<R> of(Class<R> type) {
        return of(type, JsonMapper.builder().findAndAddModules().build());
    }

    /**
     * Results of {@code type}, with a mapper of yours as it is now.
     *
     * @throws IllegalArgumentException if the mapper has default typing activated
     */
    public static <R> JsonCodec<R> of(Class<R> type, ObjectMapper mapper) {
        Preconditions.notNull(type, "type");
        Preconditions.notNull(mapper, "mapper");
        return new JsonCodec<>(mapper, mapper.constructType(type));
    }

    /**
     * Results of a generic type, such as {@code new TypeReference<List<Receipt>>() {}}, with a mapper of yours as it is now.
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
            // Jackson quotes the values that it trips over, and what is thrown here is logged. What it says of a type's
            // own
            // definition speaks of types only, and is what their author must read.
            String words = e instanceof InvalidDefinitionException ? ": " + e.getOriginalMessage() : "";
            JsonLocation at = e.getLocation();
            IOException quiet = new IOException("the stored JSON is not a " + type.toCanonical() + " ("
                    + e.getClass().getName() + (at == null ? "" : " at byte " + at.getByteOffset()) + ")" + words);
            quiet.setStackTrace(e.getStackTrace());
            throw quiet;
        }
    }
}
