package io.toolgate;

import com.fasterxml.jackson.core.type.TypeReference;
import com.fasterxml.jackson.databind.JavaType;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.ObjectReader;
import com.fasterxml.jackson.databind.ObjectWriter;
import com.fasterxml.jackson.databind.json.JsonMapper;
import io.toolgate.internal.Checks;
import java.io.IOException;
import org.jspecify.annotations.Nullable;

/**
 * Results as JSON, by Jackson, which is an optional dependency: put {@code jackson-databind} on the class path.
 *
 * <p>The target type is fixed here and never read from the stored bytes; no polymorphic typing is switched on. Immutable
 * and safe for use by many threads.
 */
public final class JsonCodec<R extends @Nullable Object> implements ResultCodec<R> {
    private final ObjectWriter writer;
    private final ObjectReader reader;

    private JsonCodec(ObjectMapper mapper, JavaType type) {
        this.writer = mapper.writerFor(type);
        this.reader = mapper.readerFor(type);
    }

    /** Results of {@code type}, with a mapper of Jackson's defaults and the modules on the class path. */
    public static <R> JsonCodec<R> of(Class<R> type) {
        return of(type, JsonMapper.builder().findAndAddModules().build());
    }

    /** Results of {@code type}, with a mapper of yours, which must not change any more. */
    public static <R> JsonCodec<R> of(Class<R> type, ObjectMapper mapper) {
        Checks.notNull(type, "type");
        Checks.notNull(mapper, "mapper");
        return new JsonCodec<>(mapper, mapper.constructType(type));
    }

    /** Results of a generic type, such as {@code new TypeReference<List<Receipt>>() {}}. */
    public static <R> JsonCodec<R> of(TypeReference<R> type, ObjectMapper mapper) {
        Checks.notNull(type, "type");
        Checks.notNull(mapper, "mapper");
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
        return reader.readValue(bytes);
    }
}
