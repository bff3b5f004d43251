package io.toolgate;

import java.util.concurrent.CountDownLatch;

/** Point at which a thread stops until the test lets it go on. */
final class Breakpoint {
    private final CountDownLatch reached = new CountDownLatch(1);
    private final CountDownLatch resumed = new CountDownLatch(1);

    /** Stops the calling thread, unless the test has resumed already. */
    void stop() {
        reached.countDown();
        Gates.await(resumed);
    }

    /** Waits until a thread has stopped here. */
    void awaitReached() {
        Gates.await(reached);
    }

    /** Lets all threads that stop here go on, now and later. */
    void resume() {
        resumed.countDown();
    }
}
