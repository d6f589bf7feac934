"""What flows between the hops, and how it is moved: topics, contracts, bytes, Kafka."""
