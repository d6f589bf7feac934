"""librdkafka's security settings in the words of Faust's client, so that one configuration serves both.

Settings: https://github.com/confluentinc/librdkafka/blob/master/CONFIGURATION.md; defaults are librdkafka's.
"""

import ssl
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from streams.errors import Refused

MECHANISMS = ("PLAIN", "SCRAM-SHA-256", "SCRAM-SHA-512")
_KNOWN = frozenset(
    {
        "security.protocol",
        "sasl.mechanism",
        "sasl.mechanisms",
        "sasl.username",
        "sasl.password",
        "ssl.ca.location",
        "ssl.ca.pem",
        "ssl.certificate.location",
        "ssl.certificate.pem",
        "ssl.key.location",
        "ssl.key.pem",
        "ssl.key.password",
        "ssl.cipher.suites",
        "ssl.endpoint.identification.algorithm",
        "enable.ssl.certificate.verification",
    }
)


@dataclass(frozen=True)
class BrokerLogin:
    """How a client proves who it is, and knows the brokers. `mechanism` None: by its certificate, if at all."""

    tls: ssl.SSLContext | None
    mechanism: str | None = None
    username: str | None = None
    password: str | None = field(default=None, repr=False)


def broker_login(security: Mapping[str, str]) -> BrokerLogin | None:
    """The login `security` describes; None for plaintext. `Refused` where Faust's client cannot do the same."""
    protocol = security.get("security.protocol", "plaintext").lower()
    if protocol not in {"plaintext", "ssl", "sasl_plaintext", "sasl_ssl"}:
        raise Refused(f"kafka.security: security.protocol {protocol} is not one of Kafka's")
    unknown = sorted(name for name in security if name.startswith(("ssl.", "sasl.", "enable.")) and name not in _KNOWN)
    if unknown:
        raise Refused(f"kafka.security: escalation cannot use {unknown[0]}; Faust's client knows no such setting")
    tls = _tls(security) if protocol.endswith("ssl") else None
    if not protocol.startswith("sasl"):
        return BrokerLogin(tls) if tls is not None else None
    mechanism = security.get("sasl.mechanism") or security.get("sasl.mechanisms") or "GSSAPI"
    if mechanism not in MECHANISMS:
        raise Refused(f"kafka.security: escalation knows sasl.mechanism {', '.join(MECHANISMS)}, not {mechanism}")
    return BrokerLogin(tls, mechanism, security.get("sasl.username", ""), security.get("sasl.password", ""))


def _tls(security: Mapping[str, str]) -> ssl.SSLContext:
    try:
        context = ssl.create_default_context(
            cafile=security.get("ssl.ca.location"), cadata=security.get("ssl.ca.pem") or None
        )
        if "ssl.cipher.suites" in security:
            context.set_ciphers(security["ssl.cipher.suites"])
        _present_certificate(context, security)
    except (OSError, ValueError) as error:  # ssl.SSLError is an OSError
        raise Refused(f"kafka.security: the TLS settings cannot be used: {type(error).__name__}") from None
    if security.get("ssl.endpoint.identification.algorithm", "https") == "none":
        context.check_hostname = False
    if security.get("enable.ssl.certificate.verification", "true").lower() == "false":
        context.check_hostname = False
        context.verify_mode = ssl.CERT_NONE
    return context


def _present_certificate(context: ssl.SSLContext, security: Mapping[str, str]) -> None:
    password = security.get("ssl.key.password", "")  # None would ask for it on the terminal
    with tempfile.TemporaryDirectory(prefix="handoff-tls-") as scratch:  # Python's ssl reads certificates from files
        certificate = _as_file(security, "ssl.certificate", Path(scratch))
        if certificate is not None:
            context.load_cert_chain(certificate, _as_file(security, "ssl.key", Path(scratch)), password)


def _as_file(security: Mapping[str, str], name: str, scratch: Path) -> str | None:
    location = security.get(f"{name}.location")
    if location is not None or f"{name}.pem" not in security:
        return location
    target = scratch / name
    target.touch(mode=0o600)
    target.write_text(security[f"{name}.pem"])
    return str(target)
