package io.toolgate.store;

/**
 * The numbers of a record that decide about its next attempt. They are stored with the record, so that they outlive
 * every owner, and change only as {@link ClaimMachine} decides. Immutable.
 *
 * @param life which life of the key this is: 1, and one more for each claim that replaced a retired record, or one past
 *     its retention. A key whose record was purged begins with 1 again
 * @param attempt the number of attempts of this life whose effect is unknown, including the one under way. Probes are
 *     no attempts, and a run that certainly had no effect does not count
 * @param refusals the number of runs in a row that certainly had no effect; the pause before the next run grows with it
 * @param providerKey the number that provider keys are derived from: 0, and one more for each retirement and each
 *     failure that the provider remembers. It does not change while the effect of an attempt is unknown
 */
public record RecordNumbers(int life, int attempt, int refusals, int providerKey) {
    /** The numbers of a key's first attempt. */
    public static final RecordNumbers FIRST = new RecordNumbers(1, 1, 0, 0);

    /** Validates the values. */
    public RecordNumbers {
        if (life < 1 || attempt < 0 || refusals < 0 || providerKey < 0) {
            throw new IllegalArgumentException("life is " + life + ", attempt " + attempt + ", refusals " + refusals
                    + " and the number of the provider key " + providerKey
                    + "; a life is at least 1, the others are not negative");
        }
    }

    RecordNumbers withAttempt(int number) {
        return new RecordNumbers(life, number, refusals, providerKey);
    }

    RecordNumbers withRefusals(int number) {
        return new RecordNumbers(life, attempt, number, providerKey);
    }

    RecordNumbers withProviderKey(int number) {
        return new RecordNumbers(life, attempt, refusals, number);
    }
}
