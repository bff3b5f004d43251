package io.toolgate.internal.codec;

import com.fasterxml.jackson.annotation.JsonTypeInfo;
import java.util.HashSet;
import java.util.Iterator;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.DeserializationConfig;
import tools.jackson.databind.DeserializationContext;
import tools.jackson.databind.JavaType;
import tools.jackson.databind.ObjectMapper;
import tools.jackson.databind.SerializationContext;
import tools.jackson.databind.SerializationFeature;
import tools.jackson.databind.ValueDeserializer;
import tools.jackson.databind.ValueSerializer;
import tools.jackson.databind.deser.AbstractDeserializer;
import tools.jackson.databind.deser.SettableBeanProperty;
import tools.jackson.databind.deser.ValueInstantiator;
import tools.jackson.databind.deser.bean.BeanDeserializerBase;
import tools.jackson.databind.deser.impl.UnsupportedTypeDeserializer;
import tools.jackson.databind.deser.std.ContainerDeserializerBase;
import tools.jackson.databind.deser.std.ReferenceTypeDeserializer;
import tools.jackson.databind.introspect.AnnotatedClass;
import tools.jackson.databind.jsontype.NamedType;
import tools.jackson.databind.ser.BeanPropertyWriter;
import tools.jackson.databind.ser.PropertyWriter;
import tools.jackson.databind.ser.bean.BeanSerializerBase;
import tools.jackson.databind.ser.impl.UnsupportedTypeSerializer;
import tools.jackson.databind.ser.std.ReferenceTypeSerializer;
import tools.jackson.databind.ser.std.StdContainerSerializer;
import tools.jackson.databind.util.ClassUtil;

/**
 * Checks, before anything has run, that Jackson 3 can write and read a type: it follows the declared types of all
 * members. What only values show is found with the first result.
 */
final class Jackson3TypeCheck {
    private final SerializationContext writing;
    private final DeserializationConfig config;
    private final DeserializationContext reading;
    private final Set<JavaType> written = new HashSet<>();
    private final Set<JavaType> read = new HashSet<>();
    private String root = "";

    Jackson3TypeCheck(ObjectMapper mapper) {
        this.writing = mapper._serializationContext();
        this.config = mapper.deserializationConfig();
        this.reading = mapper._deserializationContext();
    }

    /** Throws an IllegalArgumentException that names type, member and remedy if the type cannot be written or read. */
    void check(JavaType type) {
        root = type.toCanonical();
        write(type, null, "");
        read(type, null, "");
    }

    private void write(JavaType type, @Nullable ValueSerializer<?> given, String path) {
        // The class of a value decides: nothing is known of what an interface, or Object, stands for.
        boolean isOpen = (type.isAbstract() || type.isJavaLangObject()) && !type.isContainerType();
        if (given == null && isOpen) {
            return;
        }
        ValueSerializer<?> serializer =
                given != null ? given : orRefuse(type, path, () -> writing.findValueSerializer(type));
        if (serializer instanceof UnsupportedTypeSerializer) {
            throw refusal(type, path, JsonTypes.needsModule(type.getRawClass()));
        }
        if (writing.isUnknownTypeSerializer(serializer)) {
            if (writing.isEnabled(SerializationFeature.FAIL_ON_EMPTY_BEANS)) {
                throw refusal(type, path, JsonTypes.EMPTY);
            }
        } else if (serializer instanceof StdContainerSerializer<?> container) {
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

    private void writeContent(JavaType container, @Nullable ValueSerializer<?> given, String path) {
        if (container.getContentType() != null) {
            write(container.getContentType(), given, path);
        }
    }

    private void read(JavaType type, @Nullable ValueDeserializer<?> given, String path) {
        if (orRefuse(type, path, () -> Optional.ofNullable(reading.findTypeDeserializer(type)))
                .isPresent()) {
            readSubtypes(type, path);
            return;
        }
        ValueDeserializer<?> deserializer =
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

    private void readContent(JavaType container, @Nullable ValueDeserializer<?> given, String path) {
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
        AnnotatedClass declared = reading.introspectClassAnnotations(type);
        for (NamedType named : config.getSubtypeResolver().collectAndResolveSubtypesByTypeId(config, declared)) {
            JavaType subtype = reading.constructSpecializedType(type, named.getType());
            if (subtype.isConcrete()) {
                write(subtype, null, path);
                ValueDeserializer<?> deserializer =
                        orRefuse(subtype, path, () -> reading.findContextualValueDeserializer(subtype, null));
                if (deserializer instanceof BeanDeserializerBase bean) {
                    readMembers(subtype, bean, path);
                }
            }
        }
    }

    private interface Search<T> {
        T find();
    }

    private <T> T orRefuse(JavaType type, String path, Search<T> search) {
        try {
            return search.find();
        } catch (JacksonException e) {
            throw refusal(type, path, e.getOriginalMessage());
        } catch (IllegalArgumentException e) {
            throw refusal(type, path, String.valueOf(e.getMessage()));
        }
    }

    private IllegalArgumentException refusal(JavaType type, String path, String why) {
        return JsonTypes.refusal(root, path, type.toCanonical(), why);
    }
}
