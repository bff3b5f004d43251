package io.toolgate.race.checker;

/** Looks at one key after the other for violations of some rules. */
interface Check {
    void check(Dossier dossier);
}
