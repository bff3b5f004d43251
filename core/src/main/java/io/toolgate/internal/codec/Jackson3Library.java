package io.toolgate.internal.codec;

import com.fasterxml.jackson.annotation.JsonProperty;
import io.toolgate.Fingerprint;
import io.toolgate.ResultCodec;
import java.io.IOException;
import java.lang.reflect.Type;
import java.time.Month;
import java.time.Year;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.core.StreamReadConstraints;
import tools.jackson.core.json.JsonFactory;
import tools.jackson.core.json.JsonWriteFeature;
import tools.jackson.databind.AnnotationIntrospector;
import tools.jackson.databind.BeanDescription;
import tools.jackson.databind.DeserializationFeature;
import tools.jackson.databind.JavaType;
import tools.jackson.databind.MapperFeature;
import tools.jackson.databind.ObjectMapper;
import tools.jackson.databind.ObjectReader;
import tools.jackson.databind.ObjectWriter;
import tools.jackson.databind.SerializationConfig;
import tools.jackson.databind.SerializationFeature;
import tools.jackson.databind.cfg.DateTimeFeature;
import tools.jackson.databind.cfg.EnumFeature;
import tools.jackson.databind.cfg.JsonNodeFeature;
import tools.jackson.databind.cfg.MapperConfig;
import tools.jackson.databind.introspect.AnnotatedMember;
import tools.jackson.databind.introspect.AnnotatedParameter;
import tools.jackson.databind.introspect.NopAnnotationIntrospector;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.module.SimpleModule;
import tools.jackson.databind.ser.BeanPropertyWriter;
import tools.jackson.databind.ser.ValueSerializerModifier;
import tools.jackson.databind.ser.std.ToStringSerializer;

/**
 * JSON by Jackson 3 ({@code tools.jackson}). {@link Jackson2Library} is the same for Jackson 2: keep the two alike,
 * line by line.
 */
public final class Jackson3Library implements JsonLibrary {
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
        new Jackson3TypeCheck(mapper).check(type);
        AnnotationIntrospector annotations = mapper.deserializationConfig().getAnnotationIntrospector();
        ObjectReader reader = mapper.rebuild()
                .annotationIntrospector(AnnotationIntrospector.pair(new PrimitivesAreRequired(), annotations))
                .build()
                .readerFor(type)
                .without(
                        DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES,
                        DeserializationFeature.FAIL_ON_IGNORED_PROPERTIES)
                .without(DateTimeFeature.ADJUST_DATES_TO_CONTEXT_TIME_ZONE)
                // A number is not rounded, and nothing is invented for a member that is missing.
                .without(DeserializationFeature.ACCEPT_FLOAT_AS_INT)
                .with(
                        DeserializationFeature.USE_BIG_DECIMAL_FOR_FLOATS,
                        DeserializationFeature.FAIL_ON_NULL_FOR_PRIMITIVES,
                        // A stored result is exactly one value: anything after it means that the bytes are damaged.
                        DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
                .with(EnumFeature.FAIL_ON_NUMBERS_FOR_ENUMS)
                .without(JsonNodeFeature.STRIP_TRAILING_BIGDECIMAL_ZEROES);
        return new Codec<>(mapper.writerFor(type), reader, type);
    }

    private static void refuseDefaultTyping(ObjectMapper mapper, JavaType type) {
        boolean typed = mapper.deserializationConfig().getDefaultTyper(type) != null
                || mapper.serializationConfig().getDefaultTyper(type) != null;
        if (typed) {
            throw new IllegalArgumentException(JsonTypes.DEFAULT_TYPING);
        }
    }

    @Override
    public <I extends @Nullable Object> Fingerprint<I> fingerprint() {
        return new Jackson3Fingerprint<>(builder());
    }

    /**
     * A mapper that writes the same as that of {@link Jackson2Library}, whatever the two have as their defaults, and
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
                .configureForJackson2()
                .disable(JsonWriteFeature.COMBINE_UNICODE_SURROGATES_IN_UTF8)
                .enable(MapperFeature.DETECT_PARAMETER_NAMES)
                // Not with the thread's context class loader, which depends on who builds an action first.
                .addModules(JsonMapper.Builder.findModules(Jackson3Library.class.getClassLoader()))
                .addModule(module())
                .enable(MapperFeature.SORT_PROPERTIES_ALPHABETICALLY)
                .disable(MapperFeature.SORT_CREATOR_PROPERTIES_FIRST)
                .disable(MapperFeature.USE_GETTERS_AS_SETTERS)
                .enable(MapperFeature.ALLOW_FINAL_FIELDS_AS_MUTATORS)
                .enable(MapperFeature.DEFAULT_VIEW_INCLUSION)
                .enable(SerializationFeature.FAIL_ON_EMPTY_BEANS)
                .enable(DateTimeFeature.WRITE_DATES_WITH_ZONE_ID)
                .disable(DateTimeFeature.WRITE_DATES_AS_TIMESTAMPS)
                .disable(DateTimeFeature.WRITE_DURATIONS_AS_TIMESTAMPS)
                .disable(EnumFeature.WRITE_ENUMS_USING_TO_STRING)
                .disable(EnumFeature.READ_ENUMS_USING_TO_STRING);
    }

    /** Writes as Jackson 2 does what the two write differently. */
    private static SimpleModule module() {
        return new SimpleModule("toolgate")
                .setSerializerModifier(new ComponentsOnly())
                .addSerializer(Locale.class, ToStringSerializer.instance)
                .addSerializer(Month.class, ToStringSerializer.instance)
                .addSerializer(Year.class, ToStringSerializer.instance);
    }

    /**
     * Writes a record's components only. What its other methods return follows from them, so that a method that is
     * added to an input's type must not change its fingerprint.
     */
    private static final class ComponentsOnly extends ValueSerializerModifier {
        private static final long serialVersionUID = 1L;

        @Override
        public List<BeanPropertyWriter> changeProperties(
                SerializationConfig config, BeanDescription.Supplier description, List<BeanPropertyWriter> properties) {
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

    /** Unlike Jackson 2, Jackson 3 reads zero for a primitive that is missing, not only where that is allowed. */
    private static final class PrimitivesAreRequired extends NopAnnotationIntrospector {
        private static final long serialVersionUID = 1L;

        @Override
        public @Nullable Boolean hasRequiredMarker(MapperConfig<?> config, AnnotatedMember member) {
            boolean isPrimitive =
                    member instanceof AnnotatedParameter && member.getRawType().isPrimitive();
            return isPrimitive ? true : null;
        }
    }

    private record Codec<R extends @Nullable Object>(ObjectWriter writer, ObjectReader reader, JavaType type)
            implements ResultCodec<R> {
        @Override
        public String id() {
            return JsonTypes.CODEC_ID;
        }

        @Override
        public byte[] encode(R result) {
            return writer.writeValueAsBytes(result);
        }

        @Override
        public R decode(byte[] bytes) throws IOException {
            try {
                return reader.readValue(bytes);
            } catch (JacksonException e) {
                JsonTypes.Path path = new JsonTypes.Path();
                e.getPath().forEach(step -> path.add(step.from(), step.getPropertyName(), step.getIndex()));
                long offset = e.getLocation() == null ? -1 : e.getLocation().getByteOffset();
                throw JsonTypes.unreadable(type.toCanonical(), path, offset, e);
            }
        }
    }
}
