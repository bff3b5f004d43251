package io.toolgate.internal.codec;

import com.fasterxml.jackson.annotation.JsonTypeInfo;
import io.toolgate.Fingerprint;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.Base64Variant;
import tools.jackson.core.JsonGenerator;
import tools.jackson.core.JsonParser;
import tools.jackson.core.JsonToken;
import tools.jackson.core.StreamWriteCapability;
import tools.jackson.core.type.WritableTypeId;
import tools.jackson.core.util.JacksonFeatureSet;
import tools.jackson.core.util.JsonGeneratorDelegate;
import tools.jackson.databind.BeanProperty;
import tools.jackson.databind.JavaType;
import tools.jackson.databind.ObjectMapper;
import tools.jackson.databind.SerializationContext;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.jsontype.NamedType;
import tools.jackson.databind.jsontype.TypeIdResolver;
import tools.jackson.databind.jsontype.TypeSerializer;
import tools.jackson.databind.jsontype.impl.StdTypeResolverBuilder;
import tools.jackson.databind.util.TokenBuffer;

/**
 * Fingerprint by Jackson 3: has it write an input to tokens, in which sets and classes are marked, and reads these into
 * the value of {@link CanonicalJson}. {@link Jackson2Fingerprint} is the same for Jackson 2.
 */
final class Jackson3Fingerprint<I extends @Nullable Object> implements Fingerprint<I> {
    private final ObjectMapper mapper;

    Jackson3Fingerprint(JsonMapper.Builder builder) {
        this.mapper = builder.setDefaultTyping(new ClassMarks()).build();
    }

    @Override
    public byte[] canonical(I input) throws IOException {
        try (TokenBuffer tokens = new TokenBuffer(mapper._serializationContext(), false)) {
            mapper.writeValue(new MarkingGenerator(tokens), input);
            try (JsonParser parser = tokens.asParser()) {
                parser.nextToken();
                Object value = read(parser, 0);
                String name = CanonicalJson.nameOf(input, null);
                return CanonicalJson.bytes(
                        name == null || isAnnotated(input) ? value : new CanonicalJson.Named(name, value));
            }
        }
    }

    /** Whether the type of the input says itself how its subtypes are told apart. */
    private boolean isAnnotated(Object input) {
        return mapper._serializationContext()
                .introspectClassAnnotations(mapper.constructType(input.getClass()))
                .hasAnnotation(JsonTypeInfo.class);
    }

    private static @Nullable Object read(JsonParser parser, int depth) throws IOException {
        CanonicalJson.checkDepth(depth);
        return switch (parser.currentToken()) {
            case START_OBJECT -> readObject(parser, depth);
            case START_ARRAY -> readArray(parser, depth);
            case VALUE_NULL -> null;
            case VALUE_TRUE -> true;
            case VALUE_FALSE -> false;
            case VALUE_NUMBER_INT, VALUE_NUMBER_FLOAT -> parser.getNumberValue();
            case VALUE_STRING -> parser.getString();
            default ->
                throw new IOException(
                        "the input holds a value that is no JSON; let its serializer write text or members");
        };
    }

    private static Map<String, @Nullable Object> readObject(JsonParser parser, int depth) throws IOException {
        Map<String, @Nullable Object> members = new LinkedHashMap<>();
        while (parser.nextToken() != JsonToken.END_OBJECT) {
            String name = parser.currentName();
            parser.nextToken();
            members.put(name, read(parser, depth + 1));
        }
        return members;
    }

    private static Object readArray(JsonParser parser, int depth) throws IOException {
        JsonToken token = parser.nextToken();
        Object mark = token == JsonToken.VALUE_EMBEDDED_OBJECT ? parser.getEmbeddedObject() : null;
        if (mark != null) {
            token = parser.nextToken();
        }
        List<@Nullable Object> elements = new ArrayList<>();
        for (; token != JsonToken.END_ARRAY; token = parser.nextToken()) {
            elements.add(read(parser, depth + 1));
        }
        if (mark instanceof CanonicalJson.Named named) {
            return new CanonicalJson.Named(named.type(), elements.get(0));
        }
        return mark instanceof CanonicalJson.Unordered ? new CanonicalJson.Unordered(elements) : elements;
    }

    /** Marks sets, and writes as text what tokens would hold as an object. */
    private static final class MarkingGenerator extends JsonGeneratorDelegate {
        MarkingGenerator(TokenBuffer tokens) {
            super(tokens, false);
        }

        @Override
        public JsonGenerator writeStartArray(Object value) {
            super.writeStartArray(value);
            return mark(value);
        }

        @Override
        public JsonGenerator writeStartArray(Object value, int size) {
            super.writeStartArray(value, size);
            return mark(value);
        }

        private JsonGenerator mark(Object value) {
            return value instanceof Set ? writeEmbeddedObject(CanonicalJson.SET) : this;
        }

        @Override
        public JsonGenerator writeBinary(Base64Variant variant, byte[] data, int offset, int length) {
            return writeString(variant.encode(Arrays.copyOfRange(data, offset, offset + length)));
        }

        @Override
        public JsonGenerator writeRawValue(String text) {
            return writeString(text);
        }

        @Override
        public JacksonFeatureSet<StreamWriteCapability> streamWriteCapabilities() {
            return JacksonFeatureSet.fromDefaults(StreamWriteCapability.values());
        }

        @Override
        public boolean has(StreamWriteCapability capability) {
            return capability.enabledByDefault();
        }

        @Override
        public JsonGenerator writePOJO(Object value) {
            objectWriteContext().writeValue(this, value);
            return this;
        }
    }

    /** Marks values whose class is not the one that is declared in their place. */
    private static final class ClassMarks extends StdTypeResolverBuilder {
        private static final long serialVersionUID = 1L;

        @Override
        public @Nullable TypeSerializer buildTypeSerializer(
                SerializationContext context, JavaType declared, Collection<NamedType> subtypes) {
            boolean isExact = declared.isFinal()
                    || declared.isPrimitive()
                    || declared.isEnumType()
                    || declared.isContainerType()
                    || declared.isReferenceType();
            return isExact ? null : new ClassMark(declared.getRawClass());
        }
    }

    private static final class ClassMark extends TypeSerializer {
        private final Class<?> declared;

        ClassMark(Class<?> declared) {
            this.declared = declared;
        }

        @Override
        public WritableTypeId writeTypePrefix(
                JsonGenerator generator, SerializationContext context, WritableTypeId id) {
            String name = CanonicalJson.nameOf(id.forValue, declared);
            id.wrapperWritten = name != null;
            if (name != null) {
                generator.writeStartArray();
                generator.writeEmbeddedObject(new CanonicalJson.Named(name, null));
            }
            if (id.valueShape == JsonToken.START_OBJECT) {
                generator.writeStartObject(id.forValue);
            } else if (id.valueShape == JsonToken.START_ARRAY) {
                generator.writeStartArray(id.forValue);
            }
            return id;
        }

        @Override
        public WritableTypeId writeTypeSuffix(
                JsonGenerator generator, SerializationContext context, WritableTypeId id) {
            if (id.valueShape == JsonToken.START_OBJECT) {
                generator.writeEndObject();
            } else if (id.valueShape == JsonToken.START_ARRAY) {
                generator.writeEndArray();
            }
            if (id.wrapperWritten) {
                generator.writeEndArray();
            }
            return id;
        }

        @Override
        public TypeSerializer forProperty(SerializationContext context, BeanProperty property) {
            return this;
        }

        @Override
        public JsonTypeInfo.As getTypeInclusion() {
            return JsonTypeInfo.As.WRAPPER_ARRAY;
        }

        @Override
        public @Nullable String getPropertyName() {
            return null;
        }

        @Override
        public @Nullable TypeIdResolver getTypeIdResolver() {
            return null;
        }
    }
}
