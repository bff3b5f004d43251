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
import io.toolgate.internal.codec.CanonicalJson.Named;
import io.toolgate.internal.codec.CanonicalJson.Structure;
import java.io.IOException;
import java.util.Arrays;
import java.util.Collection;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Fingerprint by Jackson 2: has it write an input to tokens for {@link CanonicalJson}, in which sets and classes are
 * marked. {@link Jackson3Fingerprint} is the same for Jackson 3.
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
                String name = CanonicalJson.nameOf(input, null);
                return CanonicalJson.bytes(() -> next(parser), name == null || isAnnotated(input) ? null : name);
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

    private static Object next(JsonParser parser) throws IOException {
        return switch (parser.nextToken()) {
            case START_OBJECT -> Structure.OBJECT;
            case START_ARRAY -> Structure.ARRAY;
            case END_OBJECT, END_ARRAY -> Structure.END;
            case VALUE_NULL -> Structure.NULL;
            case VALUE_TRUE -> true;
            case VALUE_FALSE -> false;
            case VALUE_NUMBER_INT, VALUE_NUMBER_FLOAT -> parser.getNumberValue();
            case VALUE_EMBEDDED_OBJECT -> parser.getEmbeddedObject();
            default -> parser.getText();
        };
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
                writeEmbeddedObject(Structure.SET);
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
                generator.writeEmbeddedObject(new Named(name, null));
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
            return generator.writeTypeSuffix(id);
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
