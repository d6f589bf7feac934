"""What stands on the topics: anybody who may write there can write anything."""

import json
from pathlib import Path
from typing import Any

from pydantic import TypeAdapter

from agents.text.mask import mask_bytes
from streams import codec
from streams.errors import InvalidRecord
from streams.topology import TOPICS, Topic
from tests.fuzz.mutation import json_bytes, text_bytes
from tests.fuzz.target import Broke, Target

EXAMPLES = Path(__file__).parents[1] / "contract" / "examples-0.1.0"


def _seeds(topic: Topic) -> list[Any]:
    return [json.loads(path.read_bytes()) for path in sorted((EXAMPLES / topic.name).glob("*.json"))]


def _record(topic: Topic, adapter: TypeAdapter[Any]) -> Target:
    def play(data: bytes) -> str:
        value = codec.decode(adapter, data)
        again = codec.decode(adapter, codec.encode(value))
        if codec.encode(again) != codec.encode(value):
            raise Broke("what was read is not what is written")
        return str(getattr(value, "kind", type(value).__name__))

    return Target(f"record-{topic.name}", json_bytes(_seeds(topic)), play, (InvalidRecord,))


def _mask(data: bytes) -> str:
    masked, counts = mask_bytes(data)
    if len(masked) != len(data):
        raise Broke("masking moved the bytes")
    return "several" if len(counts) > 1 else "".join(counts) or "nothing"


TARGETS = (
    *(_record(topic, topic.adapter) for topic in TOPICS if topic.adapter is not None),
    Target("mask-bytes", text_bytes(), _mask, ()),
)
