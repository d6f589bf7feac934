"""A real Kafka on which everybody logs in and may do only what deploy/strimzi grants, and the demo's stage on it."""

import asyncio
from pathlib import Path
from typing import Any

import yaml
from confluent_kafka.admin import (
    AclBinding,
    AclOperation,
    AclPermissionType,
    AdminClient,
    ResourcePatternType,
    ResourceType,
)

from agents.demo.setting import SESSION_TIMEOUT_MS
from agents.demo.stage import START_SECONDS, Stage
from deploy.generate.rights import USERS, Right, rights
from streams.errors import Refused
from streams.kafka.connection import KafkaConnection
from tests.support.kafka import RealKafka, free_port

ADMIN = "admin"
_PASSWORD = "made-up"
_OPERATIONS = {
    "Read": AclOperation.READ,
    "Write": AclOperation.WRITE,
    "Create": AclOperation.CREATE,
    "Describe": AclOperation.DESCRIBE,
    "DescribeConfigs": AclOperation.DESCRIBE_CONFIGS,
}


def login(user: str) -> dict[str, str]:
    """The `security` of a configuration."""
    return {
        "security.protocol": "sasl_plaintext",
        "sasl.mechanism": "PLAIN",
        "sasl.username": user,
        "sasl.password": _PASSWORD,
    }


def broker(folder: Path) -> RealKafka:
    """Not started. Clients log in; nobody but the administrator and the node itself may do anything yet."""
    users = " ".join(f'user_{name}="{_PASSWORD}"' for name in (*USERS, ADMIN))
    module = "org.apache.kafka.common.security.plain.PlainLoginModule"
    inside = free_port()
    own = f"INSIDE://127.0.0.1:{inside}"
    extra = {
        "listeners": f"SASL_PLAINTEXT://127.0.0.1:${{port}},{own},CONTROLLER://127.0.0.1:${{controller_port}}",
        "advertised.listeners": f"SASL_PLAINTEXT://127.0.0.1:${{port}},{own}",
        "listener.security.protocol.map": "SASL_PLAINTEXT:SASL_PLAINTEXT,INSIDE:PLAINTEXT,CONTROLLER:PLAINTEXT",
        "inter.broker.listener.name": "INSIDE",
        "sasl.enabled.mechanisms": "PLAIN",
        "listener.name.sasl_plaintext.plain.sasl.jaas.config": f"{module} required {users};",
        "authorizer.class.name": "org.apache.kafka.metadata.authorizer.StandardAuthorizer",
        "super.users": f"User:{ADMIN};User:ANONYMOUS",
        "allow.everyone.if.no.acl.found": "false",
    }
    return RealKafka(folder, extra=extra)


def connection(of: RealKafka, user: str) -> KafkaConnection:
    """As `user`."""
    return of.connection(security=login(user), session_timeout_ms=SESSION_TIMEOUT_MS)


def grant(to: RealKafka) -> None:
    """Give every user the rights of deploy/strimzi."""
    client = AdminClient(connection(to, ADMIN).common())
    bindings = [
        _binding(user, right, operation) for user in USERS for right in rights(user) for operation in right.operations
    ]
    for future in client.create_acls(bindings).values():
        future.result()


def _binding(user: str, right: Right, operation: str) -> AclBinding:
    kind = ResourceType.TOPIC if right.resource == "topic" else ResourceType.GROUP
    pattern = ResourcePatternType.PREFIXED if right.prefix else ResourcePatternType.LITERAL
    allowed = AclPermissionType.ALLOW
    return AclBinding(kind, right.name, pattern, f"User:{user}", "*", _OPERATIONS[operation], allowed)


class SecuredStage(Stage):
    """The four processes, each with a login and a configuration of its own."""

    def __init__(self, folder: Path, kafka: RealKafka) -> None:
        """`kafka` runs, with its topics and its rights."""
        super().__init__(folder, kafka.bootstrap_servers)
        self._kafka = kafka

    @property
    def connection(self) -> KafkaConnection:
        """Who watches sees everything."""
        return connection(self._kafka, ADMIN)

    def configuration_of(self, user: str) -> Path:
        """The stage's `handoff.yaml` with this user's login."""
        made: dict[str, Any] = yaml.safe_load((self.folder / "handoff.yaml").read_text())
        made["kafka"]["security"] = login(user)
        path = self.folder / f"{user}.yaml"
        path.write_text(yaml.safe_dump(made))
        return path

    async def start_hop(self, hop: str) -> None:
        """As the stage does, with the hop's own login."""
        path = self.configuration_of(f"handoff-{hop}")
        admin = str(self.ports.admin[hop])
        await self._spawn(hop, ["-m", "agents", hop, "--config", str(path), "--admin-port", admin])
        async with asyncio.timeout(START_SECONDS):
            while not await self._ready(hop):
                if self._processes[hop].returncode is not None:
                    raise Refused(f"{hop} ended while starting: {(self.folder / 'logs' / f'{hop}.log').read_text()}")
                await asyncio.sleep(0.1)
