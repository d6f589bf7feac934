"""librdkafka's security settings in Faust's words."""

import shutil
import ssl
import subprocess
from pathlib import Path

import faust
import pytest

from agents.escalation.broker_login import BrokerLogin, broker_login
from agents.escalation.faust_seams import _credentials
from streams.errors import Refused


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """A self-signed certificate and its key, encrypted with `secret`."""
    if shutil.which("openssl") is None:
        pytest.skip("openssl is missing: it makes the certificate of this test")
    folder = tmp_path_factory.mktemp("tls")
    key, certificate = folder / "key.pem", folder / "cert.pem"
    command = ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-days", "2"]
    options = ["-subj", "/CN=localhost", "-passout", "pass:secret", "-keyout", str(key), "-out", str(certificate)]
    subprocess.run([*command, *options], check=True, capture_output=True)
    return key, certificate


@pytest.mark.parametrize("security", [{}, {"security.protocol": "plaintext"}, {"security.protocol": "PLAINTEXT"}])
def test_without_security_there_is_no_login(security: dict[str, str]) -> None:
    assert broker_login(security) is None


def test_a_password_over_plaintext() -> None:
    security = {
        "security.protocol": "sasl_plaintext",
        "sasl.mechanism": "SCRAM-SHA-512",
        "sasl.username": "handoff",
        "sasl.password": "secret",
    }
    login = broker_login(security)
    assert login == BrokerLogin(None, "SCRAM-SHA-512", "handoff", "secret")
    assert "secret" not in repr(login)
    credentials = _credentials(login)
    assert isinstance(credentials, faust.SASLCredentials)
    assert credentials.protocol.value == "SASL_PLAINTEXT"
    assert credentials.mechanism.value == "SCRAM-SHA-512"


def test_a_password_over_tls_with_a_private_authority(certificate: tuple[Path, Path]) -> None:
    security = {
        "security.protocol": "SASL_SSL",
        "sasl.mechanisms": "PLAIN",
        "sasl.username": "u",
        "sasl.password": "p",
        "ssl.ca.location": str(certificate[1]),
    }
    login = broker_login(security)
    assert login is not None
    assert login.tls is not None
    assert login.tls.verify_mode == ssl.CERT_REQUIRED
    assert login.tls.check_hostname
    assert len(login.tls.get_ca_certs()) == 1
    assert _credentials(login).protocol.value == "SASL_SSL"


@pytest.mark.parametrize("inline", [False, True])
def test_a_client_certificate_from_files_and_from_text(certificate: tuple[Path, Path], *, inline: bool) -> None:
    key, public = certificate
    kind, value = ("pem", Path.read_text) if inline else ("location", str)
    security = {
        "security.protocol": "ssl",
        f"ssl.ca.{kind}": value(public),
        f"ssl.certificate.{kind}": value(public),
        f"ssl.key.{kind}": value(key),
        "ssl.key.password": "secret",
    }
    login = broker_login(security)
    assert login is not None
    assert login.mechanism is None
    assert isinstance(_credentials(login), faust.SSLCredentials)


def test_checks_that_are_switched_off_are_off_here_too() -> None:
    names = broker_login({"security.protocol": "ssl", "ssl.endpoint.identification.algorithm": "none"})
    nothing = broker_login({"security.protocol": "ssl", "enable.ssl.certificate.verification": "false"})
    assert names is not None
    assert nothing is not None
    assert names.tls is not None
    assert nothing.tls is not None
    assert (names.tls.check_hostname, names.tls.verify_mode) == (False, ssl.CERT_REQUIRED)
    assert nothing.tls.verify_mode == ssl.CERT_NONE


@pytest.mark.parametrize(
    ("security", "told"),
    [
        ({"security.protocol": "carrier-pigeon"}, "carrier-pigeon"),
        ({"security.protocol": "sasl_ssl", "sasl.mechanism": "OAUTHBEARER"}, "OAUTHBEARER"),
        ({"security.protocol": "sasl_plaintext"}, "GSSAPI"),
        ({"security.protocol": "ssl", "ssl.keystore.location": "/x"}, "ssl.keystore.location"),
        ({"security.protocol": "ssl", "ssl.ca.location": "/nowhere.pem"}, "FileNotFoundError"),
        ({"security.protocol": "ssl", "ssl.ca.pem": "my-private-text"}, "TLS settings"),
    ],
)
def test_what_fausts_client_cannot_do_is_refused_in_one_line(security: dict[str, str], told: str) -> None:
    with pytest.raises(Refused, match=told) as refused:
        broker_login(security)
    assert "my-private-text" not in str(refused.value)
    assert "\n" not in str(refused.value)


def test_a_wrong_password_of_the_key_is_refused_without_telling_it(certificate: tuple[Path, Path]) -> None:
    security = {
        "security.protocol": "ssl",
        "ssl.certificate.location": str(certificate[1]),
        "ssl.key.location": str(certificate[0]),
        "ssl.key.password": "wrong-password",
    }
    with pytest.raises(Refused) as refused:
        broker_login(security)
    assert "wrong-password" not in str(refused.value)
