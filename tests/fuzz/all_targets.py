"""Every parser that meets outside bytes, by name."""

from collections.abc import Mapping

from tests.fuzz import answers, files, records, texts, webhooks
from tests.fuzz.target import Target

TARGETS: Mapping[str, Target] = {
    target.name: target for module in (webhooks, records, texts, files, answers) for target in module.TARGETS
}
