from hypothesis import given
from hypothesis import strategies as st

from streams.kafka.partitioner import murmur2, partition_for

# org.apache.kafka.common.utils.UtilsTest#testMurmur2, and Java's signed 32-bit integers.
JAVA_VECTORS = {
    "21": -973932308,
    "foobar": -790332482,
    "a-little-bit-long-string": -985981536,
    "a-little-bit-longer-string": -1486304829,
    "lkjh234lh9fiuh90y23oiuhsafujhadof229phr9h19h89h8": -58897971,
    "abc": 479470107,
}


def test_murmur2_gives_the_values_java_publishes() -> None:
    for text, signed in JAVA_VECTORS.items():
        assert murmur2(text.encode()) == signed & 0xFFFFFFFF


@given(st.binary(max_size=200), st.integers(min_value=1, max_value=64))
def test_a_partition_is_always_one_of_the_topic(key: bytes, partitions: int) -> None:
    assert 0 <= partition_for(key, partitions) < partitions
