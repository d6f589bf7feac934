package handoff.bench;

/** How this contender tells the bench where it is; see tests/bench/marks.py. One thread counts, another reads. */
final class Marks {
    private final long events;
    private volatile long seen;
    private volatile boolean over;

    Marks(long events) {
        this.events = events;
    }

    /** Count one event. */
    void count() {
        long now = seen + 1;
        seen = now;
        if (now == 1) {
            tell("{\"mark\": \"first\"}");
            Thread reporter = new Thread(this::report);
            reporter.setDaemon(true);
            reporter.start();
        }
    }

    boolean complete() {
        return seen >= events;
    }

    void done() {
        over = true;
        tell("{\"mark\": \"done\", \"events\": " + seen + "}");
    }

    private void report() {
        while (!over) {
            pause(500);
            if (!over) {
                tell("{\"mark\": \"progress\", \"events\": " + seen + "}");
            }
        }
    }

    static void pause(long ms) {
        try {
            Thread.sleep(ms);
        } catch (InterruptedException error) {
            throw new IllegalStateException(error);
        }
    }

    private static void tell(String mark) {
        System.out.println("@bench " + mark);
        System.out.flush();
    }
}
