package io.toolgate;

import io.toolgate.internal.base.Preconditions;
import io.toolgate.internal.codec.JsonLibrary;
import java.lang.reflect.ParameterizedType;
import java.lang.reflect.Type;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * Codec of results as JSON, by Jackson, an optional dependency: put Jackson 2 (2.18 or later) or Jackson 3 on the class
 * path. Where both are there, Jackson 2 is used; both write the same bytes. For a mapper of your own, use
 * {@link Jackson2Codec} or {@link Jackson3Codec}.
 *
 * <p>A type that Jackson cannot write and read is refused when the codec is made, as far as the declared types of its
 * members show; else the first caller is told ({@link Outcome.Unavailable}). Members that are unknown on reading are
 * ignored; times keep their zones, decimals their scale, and decimals of no declared type are read as
 * {@code BigDecimal}. Of records the components are stored, and not what other methods return. Modules are those on the
 * class path of this library. How a type may change while results of it are stored is told in {@code EVOLUTION.md}.
 *
 * <p>The target type is fixed and never read from the stored bytes. Do not annotate a type with
 * {@code @JsonTypeInfo(use = CLASS)}, with which it would be. Immutable and thread-safe.
 */
public final class JsonCodec<R extends @Nullable Object> implements ResultCodec<R> {
    private final ResultCodec<R> json;

    private JsonCodec(ResultCodec<R> json) {
        this.json = json;
    }

    /** A generic type, as the interface of an anonymous class: {@code new TypeOf<List<Receipt>>() {}}. */
    public interface TypeOf<R extends @Nullable Object> {}

    /**
     * Returns a codec of results of {@code type}.
     *
     * @throws IllegalArgumentException if Jackson cannot write and read the type
     * @throws IllegalStateException if Jackson is not on the class path
     */
    public static <R> JsonCodec<R> of(Class<R> type) {
        return ofType(Preconditions.notNull(type, "type"));
    }

    /**
     * Returns a codec of results of a generic type, such as {@code new JsonCodec.TypeOf<List<Receipt>>() {}}.
     *
     * @throws IllegalArgumentException if Jackson cannot write and read the type
     * @throws IllegalStateException if Jackson is not on the class path
     */
    public static <R> JsonCodec<R> of(TypeOf<R> type) {
        Class<?> literal = Preconditions.notNull(type, "type").getClass();
        return ofType(Arrays.stream(literal.getGenericInterfaces())
                .filter(each ->
                        each instanceof ParameterizedType parameterized && parameterized.getRawType() == TypeOf.class)
                .map(each -> ((ParameterizedType) each).getActualTypeArguments()[0])
                .findAny()
                .orElseThrow(() -> new IllegalArgumentException("the type of " + literal.getName()
                        + " is not known; write it out: new JsonCodec.TypeOf<List<Receipt>>() {}")));
    }

    private static <R> JsonCodec<R> ofType(Type type) {
        return new JsonCodec<>(JsonLibrary.find("JsonCodec").codec(type));
    }

    @Override
    public String id() {
        return json.id();
    }

    @Override
    public byte[] encode(R result) throws Exception {
        return json.encode(result);
    }

    @Override
    public R decode(byte[] bytes) throws Exception {
        return json.decode(bytes);
    }
}
