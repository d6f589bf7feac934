"""Who may do what on Kafka, and no more: from the map of topics and the groups that the processes join. Pure."""

from dataclasses import dataclass
from typing import Literal

from agents.commands.dead_line import GROUP as DEAD_GROUP
from agents.notifier.app import GROUP as NOTIFIER_GROUP
from agents.settings import EscalationSettings
from agents.ticketing.app import GROUP as TICKETING_GROUP
from agents.ticketing.app import PARKED_GROUP
from streams.topology import TOPICS, Hop

PREFIX = "handoff-"
OPERATOR = f"{PREFIX}operator"

USERS: dict[str, Hop] = {
    f"{PREFIX}gateway": "gateway",
    f"{PREFIX}escalation": "escalation",
    f"{PREFIX}ticketing": "ticketing",
    f"{PREFIX}notifier": "notifier",
    f"{PREFIX}platform-team": "platform team",
    OPERATOR: "redrive",
}
"""A login per process, one for teams that produce events themselves, one for people."""

GROUPS: dict[Hop, tuple[str, ...]] = {
    "escalation": (EscalationSettings().app_id,),
    "ticketing": (TICKETING_GROUP, PARKED_GROUP),
    "notifier": (NOTIFIER_GROUP,),
    "redrive": (DEAD_GROUP,),
}

Operation = Literal["Read", "Write", "Create", "Describe", "DescribeConfigs"]
"""In Kafka's words. `Read` and `Write` each include `Describe`; `Write` includes what an idempotent producer needs."""


@dataclass(frozen=True)
class Right:
    """What is allowed on one topic or group. `prefix`: on all whose name begins so."""

    resource: Literal["topic", "group"]
    name: str
    operations: tuple[Operation, ...]
    prefix: bool = False


def rights(user: str) -> list[Right]:
    """Everything `user` may do."""
    hop = USERS[user]
    hops = {hop, "erase"} if user == OPERATOR else {hop}
    found = []
    for topic in TOPICS:
        operations: list[Operation] = []
        if hop in topic.readers or user == OPERATOR:
            operations.append("Read")
        if hops & set(topic.writers):
            operations.append("Write")
        if user == OPERATOR:
            operations.append("Create")
        if operations and hop != "platform team":  # each process looks at its topics before it begins
            operations.append("DescribeConfigs")
        if operations:
            found.append(Right("topic", topic.name, tuple(operations)))
    found += [Right("group", group, ("Read",)) for group in GROUPS.get(hop, ())]
    if user == OPERATOR:
        found.append(Right("group", PREFIX, ("Describe",), prefix=True))
    return found
