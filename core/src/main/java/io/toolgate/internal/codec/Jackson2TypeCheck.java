package io.toolgate.internal.codec;

import com.fasterxml.jackson.annotation.JsonTypeInfo;
import com.fasterxml.jackson.databind.DeserializationConfig;
import com.fasterxml.jackson.databind.DeserializationContext;
import com.fasterxml.jackson.databind.JavaType;
import com.fasterxml.jackson.databind.JsonDeserializer;
import com.fasterxml.jackson.databind.JsonMappingException;
import com.fasterxml.jackson.databind.JsonSerializer;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.SerializationFeature;
import com.fasterxml.jackson.databind.SerializerProvider;
import com.fasterxml.jackson.databind.deser.AbstractDeserializer;
import com.fasterxml.jackson.databind.deser.BeanDeserializerBase;
import com.fasterxml.jackson.databind.deser.DefaultDeserializationContext;
import com.fasterxml.jackson.databind.deser.SettableBeanProperty;
import com.fasterxml.jackson.databind.deser.ValueInstantiator;
import com.fasterxml.jackson.databind.deser.impl.UnsupportedTypeDeserializer;
import com.fasterxml.jackson.databind.deser.std.ContainerDeserializerBase;
import com.fasterxml.jackson.databind.deser.std.ReferenceTypeDeserializer;
import com.fasterxml.jackson.databind.introspect.AnnotatedClass;
import com.fasterxml.jackson.databind.jsontype.NamedType;
import com.fasterxml.jackson.databind.ser.BeanPropertyWriter;
import com.fasterxml.jackson.databind.ser.ContainerSerializer;
import com.fasterxml.jackson.databind.ser.PropertyWriter;
import com.fasterxml.jackson.databind.ser.impl.UnsupportedTypeSerializer;
import com.fasterxml.jackson.databind.ser.std.BeanSerializerBase;
import com.fasterxml.jackson.databind.ser.std.ReferenceTypeSerializer;
import com.fasterxml.jackson.databind.util.ClassUtil;
import java.util.HashSet;
import java.util.Iterator;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Checks, before anything has run, that Jackson 2 can write and read a type: it follows the declared types of all
 * members. What only values show is found with the first result.
 */
final class Jackson2TypeCheck {
    private final SerializerProvider writing;
    private final DeserializationConfig config;
    private final DeserializationContext reading;
    private final Set<JavaType> written = new HashSet<>();
    private final Set<JavaType> read = new HashSet<>();
    private String root = "";

    Jackson2TypeCheck(ObjectMapper mapper) {
        this.writing = mapper.getSerializerProviderInstance();
        this.config = mapper.getDeserializationConfig();
        this.reading = ((DefaultDeserializationContext) mapper.getDeserializationContext()).createDummyInstance(config);
    }

    /** Throws an IllegalArgumentException that names type, member and remedy if the type cannot be written or read. */
    void check(JavaType type) {
        root = type.toCanonical();
        write(type, null, "");
        read(type, null, "");
    }

    private void write(JavaType type, @Nullable JsonSerializer<?> given, String path) {
        // The class of a value decides: nothing is known of what an interface, or Object, stands for.
        boolean isOpen = (type.isAbstract() || type.isJavaLangObject()) && !type.isContainerType();
        if (given == null && isOpen) {
            return;
        }
        JsonSerializer<?> serializer =
                given != null ? given : orRefuse(type, path, () -> writing.findValueSerializer(type));
        if (serializer instanceof UnsupportedTypeSerializer) {
            throw refusal(type, path, JsonTypes.needsModule(type.getRawClass()));
        }
        if (writing.isUnknownTypeSerializer(serializer)) {
            if (writing.isEnabled(SerializationFeature.FAIL_ON_EMPTY_BEANS)) {
                throw refusal(type, path, JsonTypes.EMPTY);
            }
        } else if (serializer instanceof ContainerSerializer<?> container) {
            writeContent(type, container.getContentSerializer(), path);
        } else if (serializer instanceof ReferenceTypeSerializer) {
            writeContent(type, null, path);
        } else if (serializer instanceof BeanSerializerBase && written.add(type)) {
            for (Iterator<PropertyWriter> members = serializer.properties(); members.hasNext(); ) {
                if (members.next() instanceof BeanPropertyWriter member) {
                    write(member.getType(), member.getSerializer(), JsonTypes.join(path, member.getName()));
                }
            }
        }
    }

    private void writeContent(JavaType container, @Nullable JsonSerializer<?> given, String path) {
        if (container.getContentType() != null) {
            write(container.getContentType(), given, path);
        }
    }

    private void read(JavaType type, @Nullable JsonDeserializer<?> given, String path) {
        if (orRefuse(type, path, () -> Optional.ofNullable(config.findTypeDeserializer(type)))
                .isPresent()) {
            readSubtypes(type, path);
            return;
        }
        JsonDeserializer<?> deserializer =
                given != null ? given : orRefuse(type, path, () -> reading.findContextualValueDeserializer(type, null));
        if (deserializer instanceof UnsupportedTypeDeserializer) {
            throw refusal(type, path, JsonTypes.needsModule(type.getRawClass()));
        }
        if (deserializer instanceof AbstractDeserializer) {
            throw refusal(type, path, JsonTypes.ABSTRACT);
        }
        if (deserializer instanceof BeanDeserializerBase bean) {
            readMembers(type, bean, path);
        } else if (deserializer instanceof ContainerDeserializerBase<?> container) {
            readContent(type, container.getContentDeserializer(), path);
        } else if (deserializer instanceof ReferenceTypeDeserializer<?>) {
            readContent(type, null, path);
        }
    }

    private void readContent(JavaType container, @Nullable JsonDeserializer<?> given, String path) {
        if (container.getContentType() != null) {
            read(container.getContentType(), given, path);
        }
    }

    private void readMembers(JavaType type, BeanDeserializerBase bean, String path) {
        ValueInstantiator creators = bean.getValueInstantiator();
        boolean readsMembers = creators.canCreateUsingDefault()
                || creators.canCreateFromObjectWith()
                || creators.canCreateUsingDelegate();
        if (!creators.canInstantiate() || (!readsMembers && written.contains(type))) {
            boolean isInner = ClassUtil.isNonStaticInnerClass(type.getRawClass());
            throw refusal(type, path, isInner ? JsonTypes.INNER : JsonTypes.NO_CREATOR);
        }
        if (!read.add(type)) {
            return;
        }
        for (Iterator<SettableBeanProperty> members = bean.properties(); members.hasNext(); ) {
            SettableBeanProperty member = members.next();
            // A member's own annotation names the classes that it, or its elements, may have.
            if (member.getAnnotation(JsonTypeInfo.class) == null) {
                read(member.getType(), member.getValueDeserializer(), JsonTypes.join(path, member.getName()));
            }
        }
    }

    private void readSubtypes(JavaType type, String path) {
        AnnotatedClass declared = config.introspectClassAnnotations(type).getClassInfo();
        for (NamedType named : config.getSubtypeResolver().collectAndResolveSubtypesByTypeId(config, declared)) {
            JavaType subtype = config.constructSpecializedType(type, named.getType());
            if (subtype.isConcrete()) {
                write(subtype, null, path);
                JsonDeserializer<?> deserializer =
                        orRefuse(subtype, path, () -> reading.findContextualValueDeserializer(subtype, null));
                if (deserializer instanceof BeanDeserializerBase bean) {
                    readMembers(subtype, bean, path);
                }
            }
        }
    }

    private interface Search<T> {
        T find() throws JsonMappingException;
    }

    private <T> T orRefuse(JavaType type, String path, Search<T> search) {
        try {
            return search.find();
        } catch (JsonMappingException e) {
            throw refusal(type, path, e.getOriginalMessage());
        } catch (IllegalArgumentException e) {
            throw refusal(type, path, String.valueOf(e.getMessage()));
        }
    }

    private IllegalArgumentException refusal(JavaType type, String path, String why) {
        return JsonTypes.refusal(root, path, type.toCanonical(), why);
    }
}
