package io.toolgate.store.contract;

import java.lang.annotation.Documented;
import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.extension.ExtendWith;

/**
 * The rules of {@code core/SPEC.md} that a test checks, by number. A test that fails names them in its message; {@code
 * -Dgroups=rule} runs all tests that check one.
 */
@Documented
@Target(ElementType.METHOD)
@Retention(RetentionPolicy.RUNTIME)
@Tag("rule")
@ExtendWith(RuleInMessage.class)
public @interface Rule {
    /** The numbers of the rules. */
    int[] value();
}
