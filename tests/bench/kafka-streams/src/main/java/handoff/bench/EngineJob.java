package handoff.bench;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import org.apache.kafka.streams.processor.PunctuationType;
import org.apache.kafka.streams.processor.api.Processor;
import org.apache.kafka.streams.processor.api.ProcessorContext;
import org.apache.kafka.streams.processor.api.Record;
import org.apache.kafka.streams.state.KeyValueStore;

/** Turns per conversation in tumbling windows, and the streak of answers with low confidence. */
final class EngineJob implements Processor<String, byte[], String, byte[]> {
    static final String STORE = "conversations";
    private static final long WINDOW_MS = 15 * 60 * 1000;
    private static final double LOW = 0.5;
    private static final int STREAK = 3;
    private static final Duration LOOK_EVERY = Duration.ofMillis(20);

    private final Marks marks;
    private ProcessorContext<String, byte[]> context;
    private KeyValueStore<String, byte[]> store;

    EngineJob(Marks marks) {
        this.marks = marks;
    }

    @Override
    public void init(ProcessorContext<String, byte[]> context) {
        this.context = context;
        this.store = context.getStateStore(STORE);
        context.schedule(LOOK_EVERY, PunctuationType.WALL_CLOCK_TIME, now -> commitWhenComplete());
    }

    @Override
    public void process(Record<String, byte[]> record) {
        Turn turn = Turn.read(record.value());
        byte[] stored = store.get(record.key());
        ByteBuffer before = stored == null ? null : ByteBuffer.wrap(stored);
        long start = before == null ? 0 : before.getLong();
        int turns = before == null ? 0 : before.getInt();
        int streak = before == null ? 0 : before.getInt();
        long window = record.timestamp() - record.timestamp() % WINDOW_MS;
        turns = window == start ? turns + 1 : 1;
        boolean fired = false;
        if ("ai".equals(turn.author()) && turn.confidence() != null) {
            streak = turn.confidence() >= LOW ? 0 : streak + 1;
            fired = streak == STREAK;
        }
        store.put(record.key(), ByteBuffer.allocate(16).putLong(window).putInt(turns).putInt(streak).array());
        if (fired) {
            context.forward(record.withValue(command(turn, turns)));
        }
        marks.count();
    }

    /** Every task commits when the last event is in, whichever task it came to: nobody waits for the interval. */
    private void commitWhenComplete() {
        if (marks.complete()) {
            context.commit();
        }
    }

    private static byte[] command(Turn turn, int turns) {
        String json = "{\"conversation_id\": \"" + turn.conversationId() + "\", \"event_id\": \"" + turn.eventId()
                + "\", \"turns\": " + turns + "}";
        return json.getBytes(StandardCharsets.UTF_8);
    }
}
