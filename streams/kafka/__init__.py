"""Kafka mechanics: connections, producing, consuming, dead letters. They know offsets and bytes, not tickets."""
