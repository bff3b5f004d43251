package io.toolgate.race.racer;

import io.toolgate.race.provider.Conduct;
import java.util.SplittableRandom;

/**
 * Random choice of the keys for which the provider misbehaves, and of those that are called with two different inputs.
 * The same in every process.
 *
 * @param percent the share of keys for which the provider is slow; the same share gets no first answer, the same is
 *     declined, and the same is called with two inputs
 * @param seed the seed from which the keys are drawn
 */
public record Mischief(int percent, long seed) {
    /** The amount of most calls. */
    public static final long AMOUNT = 100;

    /** The amount of some calls of a key with two inputs. */
    public static final long OTHER_AMOUNT = 250;

    /** One in so many calls of a key with two inputs has the other amount. */
    private static final int OTHERS = 4;

    private static final int HUNDRED = 100;

    /** The behaviour of the provider for the charge of {@code key}. */
    public Conduct conduct(String key) {
        int drawn = draw(key);
        if (drawn < percent) {
            return Conduct.SLOW;
        } else if (drawn < 2 * percent) {
            return Conduct.DROP_ANSWER;
        }
        return drawn < 3 * percent ? Conduct.DECLINE : Conduct.NORMAL;
    }

    /** The amount that this thread requests for {@code key}. */
    public long amount(String key, int process, int thread) {
        int drawn = draw(key);
        boolean twoInputs = drawn >= 3 * percent && drawn < 4 * percent;
        return twoInputs && (process + thread) % OTHERS == 0 ? OTHER_AMOUNT : AMOUNT;
    }

    private int draw(String key) {
        return percent == 0 ? HUNDRED : new SplittableRandom(seed * 31 + key.hashCode()).nextInt(HUNDRED);
    }
}
