package io.toolgate.internal.codec;

import com.fasterxml.jackson.annotation.JsonTypeInfo;
import com.fasterxml.jackson.core.Base64Variant;
import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.core.type.WritableTypeId;
import com.fasterxml.jackson.core.util.JsonGeneratorDelegate;
import com.fasterxml.jackson.databind.BeanProperty;
import com.fasterxml.jackson.databind.JavaType;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.SerializationConfig;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.jsontype.NamedType;
import com.fasterxml.jackson.databind.jsontype.TypeIdResolver;
import com.fasterxml.jackson.databind.jsontype.TypeSerializer;
import com.fasterxml.jackson.databind.jsontype.impl.StdTypeResolverBuilder;
import com.fasterxml.jackson.databind.util.TokenBuffer;
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

/**
 * Fingerprint by Jackson 2: has it write an input to tokens, in which sets and classes are marked, and reads these into
 * the value of {@link CanonicalJson}. {@link Jackson3Fingerprint} is the same for Jackson 3.
 */
final class Jackson2Fingerprint<I extends @Nullable Object> implements Fingerprint<I> {
    private final ObjectMapper mapper;

    Jackson2Fingerprint(JsonMapper.Builder builder) {
        this.mapper = builder.setDefaultTyping(new ClassMarks()).build();
    }

    @Override
    public byte[] canonical(I input) throws IOException {
        try (TokenBuffer tokens = new TokenBuffer(mapper, false)) {
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
        return mapper.getSerializationConfig()
                .introspectClassAnnotations(mapper.constructType(input.getClass()))
                .getClassInfo()
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
            case VALUE_STRING -> parser.getText();
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
        public void writeStartArray(Object value) throws IOException {
            super.writeStartArray(value);
            mark(value);
        }

        @Override
        public void writeStartArray(Object value, int size) throws IOException {
            super.writeStartArray(value, size);
            mark(value);
        }

        private void mark(Object value) throws IOException {
            if (value instanceof Set) {
                writeEmbeddedObject(CanonicalJson.SET);
            }
        }

        @Override
        public void writeBinary(Base64Variant variant, byte[] data, int offset, int length) throws IOException {
            writeString(variant.encode(Arrays.copyOfRange(data, offset, offset + length)));
        }

        @Override
        public void writeRawValue(String text) throws IOException {
            writeString(text);
        }

        @Override
        public boolean canWriteBinaryNatively() {
            return false;
        }
    }

    /** Marks values whose class is not the one that is declared in their place. */
    private static final class ClassMarks extends StdTypeResolverBuilder {
        private static final long serialVersionUID = 1L;

        @Override
        public @Nullable TypeSerializer buildTypeSerializer(
                SerializationConfig config, JavaType declared, Collection<NamedType> subtypes) {
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
        public WritableTypeId writeTypePrefix(JsonGenerator generator, WritableTypeId id) throws IOException {
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
        public WritableTypeId writeTypeSuffix(JsonGenerator generator, WritableTypeId id) throws IOException {
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
        public TypeSerializer forProperty(BeanProperty property) {
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
