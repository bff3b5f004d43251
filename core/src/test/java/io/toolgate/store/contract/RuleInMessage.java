package io.toolgate.store.contract;

import java.util.Arrays;
import java.util.stream.Collectors;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.jupiter.api.extension.LifecycleMethodExecutionExceptionHandler;
import org.junit.jupiter.api.extension.TestExecutionExceptionHandler;
import org.opentest4j.TestAbortedException;

/**
 * Puts the {@link Rule} of a failed test in front of the failure's message, also where a check after the test failed.
 */
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
        int[] rules = context.getRequiredTestMethod().getAnnotation(Rule.class).value();
        String numbers = Arrays.stream(rules).mapToObj(String::valueOf).collect(Collectors.joining(", "));
        AssertionError named = new AssertionError(
                "%s %s of core/SPEC.md: %s".formatted(rules.length == 1 ? "Rule" : "Rules", numbers, failure), failure);
        named.setStackTrace(failure.getStackTrace());
        return named;
    }
}
