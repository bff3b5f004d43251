package io.toolgate.race.run;

import io.toolgate.race.fault.Failpoint;
import io.toolgate.race.racer.RacerMain;
import io.toolgate.race.run.Roster.Life;
import io.toolgate.support.process.Child;

/** Hears what one life of a member says, and enters it into the roster. */
final class Heard implements Child.Listener {
    private final Crew crew;
    private final Roster roster;
    private final Life life;

    Heard(Crew crew, Roster roster, Life life) {
        this.crew = crew;
        this.roster = roster;
        this.life = life;
    }

    @Override
    public void said(String line) {
        if (line.equals(RacerMain.READY)) {
            roster.ready(life);
            crew.letBegin(life.member());
        } else if (line.startsWith(RacerMain.THROUGH)) {
            roster.through(life, Integer.parseInt(line.substring(RacerMain.THROUGH.length())));
        } else if (line.startsWith(RacerMain.CALLS)) {
            roster.calls(life, Long.parseLong(line.substring(RacerMain.CALLS.length())));
        } else if (line.startsWith(RacerMain.AT)) {
            life.member().tell(roster.stray(life, point(line)), RacerMain.RESUME);
        }
    }

    private static Failpoint point(String line) {
        return Failpoint.of(line.substring(RacerMain.AT.length()));
    }

    @Override
    public void ended(int exitStatus) {
        roster.ended(life, exitStatus);
    }
}
