package io.toolgate.race.fault;

import io.toolgate.support.process.Child;
import java.nio.file.Path;
import java.util.List;

/** A process that starts a child, freezes it, says its number, and never ends by itself. */
final class FreezingParent {
    private FreezingParent() {}

    public static void main(String[] args) throws Exception {
        Child child = Child.start("sleeper", List.of("sleep", "600"), Path.of(args[0], "log"), new Child.Listener() {
            @Override
            public void said(String line) {}

            @Override
            public void ended(int exitStatus) {}
        });
        var unused = Signals.freeze(child);
        System.out.println(child.handle().pid());
        Thread.currentThread().join();
    }
}
