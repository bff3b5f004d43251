package io.toolgate.race.run;

import io.toolgate.support.UsageException;
import java.io.IOException;

/** A process that says why it may not have what a large run needs. */
final class CapacityProbe {
    private CapacityProbe() {}

    public static void main(String[] args) throws IOException {
        try {
            Capacity.of(8, 25, 4).require();
            System.out.println("it may have all that");
        } catch (UsageException e) {
            System.out.println(e.getMessage());
        }
    }
}
