package io.toolgate.store.contract;

import java.util.Arrays;
import java.util.stream.Collectors;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.jupiter.api.extension.LifecycleMethodExecutionExceptionHandler;
import org.junit.jupiter.api.extension.TestExecutionExceptionHandler;
import org.opentest4j.TestAbortedException;

/** Puts the {@link Rule} of a failed test in front of the failure's message, also where a check after the test failed. */
final class RuleInMessage implements TestExecutionExceptionHandler, LifecycleMethodExecutionExceptionHandler {
    @Override
    public void handleTestExecutionException(ExtensionContext context, Throwable failure) throws Throwable {
        throw withRule(context, failure);
    }

    @Override
    public void handleAfterEachMethodExecutionException(ExtensionContext context, Throwable failure) throws Throwable {
        throw withRule(context, failure);
    }

    private static Throwable withRule(ExtensionContext context, Throwable failure) {
        if (failure instanceof TestAbortedException) {
            return failure;
        }
        String rules = Arrays.stream(context.getRequiredTestMethod()
                        .getAnnotation(Rule.class)
                        .value())
                .mapToObj(String::valueOf)
                .collect(Collectors.joining(" and "));
        AssertionError named = new AssertionError("Rule %s of core/SPEC.md: %s".formatted(rules, failure), failure);
        named.setStackTrace(failure.getStackTrace());
        return named;
    }
}
