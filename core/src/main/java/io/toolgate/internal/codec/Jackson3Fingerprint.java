package io.toolgate.internal.codec;

import com.fasterxml.jackson.annotation.JsonTypeInfo;
import io.toolgate.Fingerprint;
import io.toolgate.internal.codec.CanonicalJson.Named;
import io.toolgate.internal.codec.CanonicalJson.Structure;
import java.io.IOException;
import java.util.Arrays;
import java.util.Collection;
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
 * Fingerprint by Jackson 3: has it write an input to tokens for {@link CanonicalJson}, in which sets and classes are
 * marked. {@link Jackson2Fingerprint} is the same for Jackson 2.
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
                String name = CanonicalJson.nameOf(input, null);
                return CanonicalJson.bytes(() -> next(parser), name == null || isAnnotated(input) ? null : name);
            }
        }
    }

    /** Whether the type of the input says itself how its subtypes are told apart. */
    private boolean isAnnotated(Object input) {
        return mapper._serializationContext()
                .introspectClassAnnotations(mapper.constructType(input.getClass()))
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
            default -> parser.getString();
        };
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
            return value instanceof Set ? writeEmbeddedObject(Structure.SET) : this;
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
        public WritableTypeId writeTypeSuffix(
                JsonGenerator generator, SerializationContext context, WritableTypeId id) {
            return generator.writeTypeSuffix(id);
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
