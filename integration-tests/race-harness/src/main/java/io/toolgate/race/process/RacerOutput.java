package io.toolgate.race.process;

import io.toolgate.race.fault.Failpoint;
import io.toolgate.race.process.RacerRegistry.Life;
import io.toolgate.race.racer.RacerMain;
import io.toolgate.support.process.Child;

/** The output of one racer process; each line updates the registry. */
final class RacerOutput implements Child.Listener {
    private final RacerGroup group;
    private final RacerRegistry registry;
    private final Life life;

    RacerOutput(RacerGroup group, RacerRegistry registry, Life life) {
        this.group = group;
        this.registry = registry;
        this.life = life;
    }

    @Override
    public void said(String line) {
        if (line.equals(RacerMain.READY)) {
            registry.ready(life);
            group.beginIfReady(life.slot());
        } else if (line.startsWith(RacerMain.THROUGH)) {
            registry.through(life, Integer.parseInt(line.substring(RacerMain.THROUGH.length())));
        } else if (line.startsWith(RacerMain.CALLS)) {
            registry.calls(life, Long.parseLong(line.substring(RacerMain.CALLS.length())));
        } else if (line.startsWith(RacerMain.AT)) {
            life.slot().send(registry.toResume(life, point(line)), RacerMain.RESUME);
        }
    }

    private static Failpoint point(String line) {
        return Failpoint.of(line.substring(RacerMain.AT.length()));
    }

    @Override
    public void ended(int exitStatus) {
        registry.ended(life, exitStatus);
    }
}
