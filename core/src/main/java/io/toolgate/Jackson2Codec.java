package io.toolgate;

import com.fasterxml.jackson.core.type.TypeReference;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.toolgate.internal.base.Preconditions;
import io.toolgate.internal.codec.Jackson2Library;

/**
 * Codecs of results as JSON by a mapper of Jackson 2, {@code com.fasterxml.jackson}, for modules, names or formats
 * other than those of {@link JsonCodec}.
 *
 * <p>What decides whether everybody is given the same is not left to the mapper: unknown members are ignored, zones are
 * kept, and decimals of no declared type are read as {@code BigDecimal}. Later changes to the mapper have no effect.
 */
public final class Jackson2Codec {
    private Jackson2Codec() {}

    /**
     * Returns a codec of results of {@code type}, with the present settings of {@code mapper}.
     *
     * @throws IllegalArgumentException if the mapper has default typing activated, or cannot write and read the type
     */
    public static <R> ResultCodec<R> of(Class<R> type, ObjectMapper mapper) {
        Preconditions.notNull(type, "type");
        Preconditions.notNull(mapper, "mapper");
        return Jackson2Library.codec(mapper, mapper.constructType(type));
    }

    /**
     * Returns a codec of results of a generic type, such as {@code new TypeReference<List<Receipt>>() {}}, with the
     * present settings of {@code mapper}.
     *
     * @throws IllegalArgumentException if the mapper has default typing activated, or cannot write and read the type
     */
    public static <R> ResultCodec<R> of(TypeReference<R> type, ObjectMapper mapper) {
        Preconditions.notNull(type, "type");
        Preconditions.notNull(mapper, "mapper");
        return Jackson2Library.codec(mapper, mapper.constructType(type));
    }
}
