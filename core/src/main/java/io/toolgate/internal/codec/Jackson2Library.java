package io.toolgate.internal.codec;

import com.fasterxml.jackson.annotation.JsonProperty;
import com.fasterxml.jackson.core.JacksonException;
import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.StreamReadConstraints;
import com.fasterxml.jackson.databind.BeanDescription;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JavaType;
import com.fasterxml.jackson.databind.JsonMappingException;
import com.fasterxml.jackson.databind.MapperFeature;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.ObjectReader;
import com.fasterxml.jackson.databind.ObjectWriter;
import com.fasterxml.jackson.databind.SerializationConfig;
import com.fasterxml.jackson.databind.SerializationFeature;
import com.fasterxml.jackson.databind.cfg.JsonNodeFeature;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.module.SimpleModule;
import com.fasterxml.jackson.databind.ser.BeanPropertyWriter;
import com.fasterxml.jackson.databind.ser.BeanSerializerModifier;
import io.toolgate.Fingerprint;
import io.toolgate.ResultCodec;
import java.io.IOException;
import java.lang.reflect.Type;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * JSON by Jackson 2 ({@code com.fasterxml.jackson}). {@link Jackson3Library} is the same for Jackson 3: keep the two
 * alike, line by line.
 */
public final class Jackson2Library implements JsonLibrary {
    @Override
    public <R extends @Nullable Object> ResultCodec<R> codec(Type type) {
        ObjectMapper mapper = builder().build();
        return codec(mapper, mapper.constructType(type));
    }

    /**
     * Returns a codec with the modules, formats and names of {@code mapper}. What decides whether everybody is given
     * the same is not left to it: unknown members are ignored, zones and decimals are kept.
     *
     * @throws IllegalArgumentException if the mapper has default typing, or cannot write or read the type
     */
    public static <R extends @Nullable Object> ResultCodec<R> codec(ObjectMapper mapper, JavaType type) {
        refuseDefaultTyping(mapper, type);
        new Jackson2TypeCheck(mapper).check(type);
        ObjectReader reader = mapper.readerFor(type)
                .without(
                        DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES,
                        DeserializationFeature.FAIL_ON_IGNORED_PROPERTIES,
                        DeserializationFeature.ADJUST_DATES_TO_CONTEXT_TIME_ZONE)
                // A number is not rounded, and nothing is invented for a member that is missing.
                .without(DeserializationFeature.ACCEPT_FLOAT_AS_INT)
                .with(
                        DeserializationFeature.USE_BIG_DECIMAL_FOR_FLOATS,
                        DeserializationFeature.FAIL_ON_NULL_FOR_PRIMITIVES,
                        DeserializationFeature.FAIL_ON_NUMBERS_FOR_ENUMS,
                        // A stored result is exactly one value: anything after it means that the bytes are damaged.
                        DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
                .without(JsonNodeFeature.STRIP_TRAILING_BIGDECIMAL_ZEROES);
        return new Codec<>(mapper.writerFor(type), reader, type);
    }

    private static void refuseDefaultTyping(ObjectMapper mapper, JavaType type) {
        boolean typed = mapper.getDeserializationConfig().getDefaultTyper(type) != null
                || mapper.getSerializationConfig().getDefaultTyper(type) != null;
        if (typed) {
            throw new IllegalArgumentException(JsonTypes.DEFAULT_TYPING);
        }
    }

    @Override
    public <I extends @Nullable Object> Fingerprint<I> fingerprint() {
        return new Jackson2Fingerprint<>(builder());
    }

    /**
     * A mapper that writes the same as that of {@link Jackson3Library}, whatever the two have as their defaults, and
     * the same in every process: members in order of their names, dates with their zones as ISO 8601.
     */
    private static JsonMapper.Builder builder() {
        // The action limits the size of its results.
        StreamReadConstraints constraints = StreamReadConstraints.builder()
                .maxStringLength(Integer.MAX_VALUE)
                .maxNumberLength(Integer.MAX_VALUE)
                .maxNestingDepth(JsonTypes.MAX_DEPTH)
                .build();
        return JsonMapper.builder(
                        JsonFactory.builder().streamReadConstraints(constraints).build())
                // Not with the thread's context class loader, which depends on who builds an action first.
                .addModules(JsonMapper.Builder.findModules(Jackson2Library.class.getClassLoader()))
                .addModule(new SimpleModule("toolgate").setSerializerModifier(new ComponentsOnly()))
                .enable(MapperFeature.SORT_PROPERTIES_ALPHABETICALLY)
                .disable(MapperFeature.SORT_CREATOR_PROPERTIES_FIRST)
                .disable(MapperFeature.USE_GETTERS_AS_SETTERS)
                .enable(MapperFeature.ALLOW_FINAL_FIELDS_AS_MUTATORS)
                .enable(MapperFeature.DEFAULT_VIEW_INCLUSION)
                .enable(SerializationFeature.FAIL_ON_EMPTY_BEANS)
                .enable(SerializationFeature.WRITE_DATES_WITH_ZONE_ID)
                .disable(SerializationFeature.WRITE_DATES_AS_TIMESTAMPS)
                .disable(SerializationFeature.WRITE_DURATIONS_AS_TIMESTAMPS)
                .disable(SerializationFeature.WRITE_ENUMS_USING_TO_STRING)
                .disable(DeserializationFeature.READ_ENUMS_USING_TO_STRING);
    }

    /**
     * Writes a record's components only. What its other methods return follows from them, so that a method that is
     * added to an input's type must not change its fingerprint.
     */
    private static final class ComponentsOnly extends BeanSerializerModifier {
        private static final long serialVersionUID = 1L;

        @Override
        public List<BeanPropertyWriter> changeProperties(
                SerializationConfig config, BeanDescription description, List<BeanPropertyWriter> properties) {
            Class<?> type = description.getBeanClass();
            return type.isRecord()
                    ? properties.stream()
                            .filter(property -> property.getAnnotation(JsonProperty.class) != null
                                    || JsonTypes.isComponent(
                                            type, property.getMember().getName(), property.getName()))
                            .toList()
                    : properties;
        }
    }

    private record Codec<R extends @Nullable Object>(ObjectWriter writer, ObjectReader reader, JavaType type)
            implements ResultCodec<R> {
        @Override
        public String id() {
            return JsonTypes.CODEC_ID;
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
                JsonTypes.Path path = new JsonTypes.Path();
                if (e instanceof JsonMappingException mapping) {
                    mapping.getPath().forEach(step -> path.add(step.getFrom(), step.getFieldName(), step.getIndex()));
                }
                long offset = e.getLocation() == null ? -1 : e.getLocation().getByteOffset();
                throw JsonTypes.unreadable(type.toCanonical(), path, offset, e);
            }
        }
    }
}
