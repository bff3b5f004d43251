package io.toolgate.race.racer;

import io.toolgate.race.provider.Conduct;
import java.util.SplittableRandom;

/**
 * Which keys meet a provider that misbehaves, and which are called with two different inputs. The same in every process.
 *
 * @param percent of keys that the provider is slow for, as many for which it drops its first answer, as many that it
 *     declines, and as many that are called with two inputs
 * @param seed from which the keys are drawn
 */
public record Mischief(int percent, long seed) {
    /** What most calls ask to be charged. */
    public static final long AMOUNT = 100;

    /** What some calls of a key with two inputs ask to be charged. */
    public static final long OTHER_AMOUNT = 250;

    /** One in so many calls of a key with two inputs comes with the other one. */
    private static final int OTHERS = 4;

    private static final int HUNDRED = 100;

    /** How the provider is told to treat the charge of {@code key}. */
    public Conduct conduct(String key) {
        int drawn = draw(key);
        if (drawn < percent) {
            return Conduct.SLOW;
        } else if (drawn < 2 * percent) {
            return Conduct.DROP_ANSWER;
        }
        return drawn < 3 * percent ? Conduct.DECLINE : Conduct.NORMAL;
    }

    /** What this thread asks to be charged for {@code key}. */
    public long amount(String key, int process, int thread) {
        int drawn = draw(key);
        boolean twoInputs = drawn >= 3 * percent && drawn < 4 * percent;
        return twoInputs && (process + thread) % OTHERS == 0 ? OTHER_AMOUNT : AMOUNT;
    }

    private int draw(String key) {
        return percent == 0 ? HUNDRED : new SplittableRandom(seed * 31 + key.hashCode()).nextInt(HUNDRED);
    }
}
