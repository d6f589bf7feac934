package handoff.bench;

import java.nio.file.Files;
import java.util.Map;
import java.util.Properties;
import java.util.concurrent.ExecutionException;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.Serdes;
import org.apache.kafka.streams.KafkaStreams;
import org.apache.kafka.streams.StreamsConfig;
import org.apache.kafka.streams.Topology;
import org.apache.kafka.streams.state.Stores;

/** Arguments: bootstrap servers, source topic, commands topic, application id, number of events. */
public final class Main {
    private Main() {}

    public static void main(String[] args) throws Exception {
        long events = Long.parseLong(args[4]);
        Marks marks = new Marks(events);
        try (KafkaStreams streams = new KafkaStreams(topology(args[1], args[2], marks), settings(args));
                Admin admin = Admin.create(Map.of("bootstrap.servers", args[0]))) {
            streams.start();
            while (!marks.complete()) {
                Marks.pause(20);
            }
            while (committed(admin, args[3]) < events) {
                Marks.pause(5);
            }
            marks.done();
        }
    }

    private static Topology topology(String source, String commands, Marks marks) {
        var store = Stores.keyValueStoreBuilder(
                        Stores.persistentKeyValueStore(EngineJob.STORE), Serdes.String(), Serdes.ByteArray())
                .withCachingEnabled();
        var strings = Serdes.String();
        var bytes = Serdes.ByteArray();
        return new Topology()
                .addSource("events", strings.deserializer(), bytes.deserializer(), source)
                .addProcessor("job", () -> new EngineJob(marks), "events")
                .addStateStore(store, "job")
                .addSink("commands", commands, strings.serializer(), bytes.serializer(), "job");
    }

    private static Properties settings(String[] args) throws Exception {
        Properties settings = new Properties();
        settings.put(StreamsConfig.APPLICATION_ID_CONFIG, args[3]);
        settings.put(StreamsConfig.BOOTSTRAP_SERVERS_CONFIG, args[0]);
        settings.put(StreamsConfig.NUM_STREAM_THREADS_CONFIG, 1);
        settings.put(StreamsConfig.REPLICATION_FACTOR_CONFIG, 1);
        settings.put(StreamsConfig.STATE_DIR_CONFIG, Files.createTempDirectory("bench-streams").toString());
        settings.put(StreamsConfig.producerPrefix("acks"), "all");
        settings.put(StreamsConfig.producerPrefix("compression.type"), "lz4");
        settings.put(StreamsConfig.consumerPrefix("auto.offset.reset"), "earliest");
        return settings;
    }

    /** The sum of the offsets committed: it counts every event once, as the source begins at 0. */
    private static long committed(Admin admin, String group) throws ExecutionException, InterruptedException {
        Map<TopicPartition, OffsetAndMetadata> offsets =
                admin.listConsumerGroupOffsets(group).partitionsToOffsetAndMetadata().get();
        return offsets.values().stream().filter(o -> o != null).mapToLong(OffsetAndMetadata::offset).sum();
    }
}
