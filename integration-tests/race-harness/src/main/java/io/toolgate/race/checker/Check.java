package io.toolgate.race.checker;

/** Check of some rules, applied to one key after the other; adds what it finds to {@link Findings}. */
interface Check {
    void check(Dossier dossier);
}
