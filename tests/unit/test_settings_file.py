"""`handoff.yaml`: read whole or refused in one line with its place, secrets resolved and never shown."""

import json
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import HealthCheck, given, settings

from agents.settings import Settings
from agents.settings_file import Loaded, connection, load, load_with_files
from streams.errors import Refused
from tests.support.damaged_json import damaged

FULL: dict[str, Any] = {
    "kafka": {"bootstrap_servers": "k1:9092,k2:9092", "security": {"sasl.password": "env:KAFKA_PASSWORD"}},
    "gateway": {"port": 8081, "max_body_bytes": 300_000},
    "notifier": {"smtp": {"host": "mail.acme.example", "password": "env:SMTP_PASSWORD"}},
    "outbound": {"allow_hosts": ["chat.acme.example"]},
    "tenants": {
        "acme": {
            "mode": "live",
            "platforms": {"intercom": {"secrets": ["env:INTERCOM"], "own_ids": [8120055], "options": {"region": "eu"}}},
            "helpdesk": {
                "name": "zendesk",
                "base_url": "https://acme.zendesk.com",
                "tokens": {"client_id": "c", "client_secret": "env:ZENDESK"},
                "groups": {"Support": 360001},
            },
            "calendars": {"business_hours": {"timezone": "Europe/Berlin", "hours": {"mon": ["09:00-17:00"]}}},
        }
    },
}
ENVIRON = {"KAFKA_PASSWORD": "kp", "SMTP_PASSWORD": "sp", "INTERCOM": "is", "ZENDESK": "zs"}


def written(folder: Path, content: str | bytes | Any) -> Path:
    path = folder / "handoff.yaml"
    if isinstance(content, bytes):
        path.write_bytes(content)
    else:
        path.write_text(content if isinstance(content, str) else yaml.safe_dump(content, allow_unicode=True))
    return path


def refusal(path: Path, environ: dict[str, str] | None = None) -> str:
    with pytest.raises(Refused) as caught:
        load(path, environ=ENVIRON if environ is None else environ)
    line = str(caught.value)
    assert line.startswith(str(path)), line
    assert "\n" not in line
    return line.removeprefix(str(path))


def test_a_whole_file_is_read_and_its_secrets_are_in_place(tmp_path: Path) -> None:
    found = load(written(tmp_path, FULL), environ=ENVIRON)
    acme = found.tenants["acme"]
    assert found.gateway.port == 8081
    assert acme.platforms["intercom"].secrets[0].get_secret_value() == "is"
    assert acme.platforms["intercom"].own_ids == {"8120055"}, "a bare number is an id all the same"
    assert acme.helpdesk is not None
    assert acme.helpdesk.tokens["client_secret"].get_secret_value() == "zs"
    assert connection(found, "handoff-test").security == {"sasl.password": "kp"}


def test_an_empty_file_is_all_defaults_and_observes(tmp_path: Path) -> None:
    assert load(written(tmp_path, "")) == Settings()
    assert load(written(tmp_path, "tenants: {acme: {}}")).tenants["acme"].mode == "observe"


def test_secrets_are_shown_by_nothing(tmp_path: Path) -> None:
    found = load(written(tmp_path, FULL), environ=ENVIRON)
    for secret in ENVIRON.values():
        for shown in (repr(found), str(found), found.model_dump_json()):
            assert f'"{secret}"' not in shown
            assert f"'{secret}'" not in shown


def test_secrets_come_from_files_without_their_line_end(tmp_path: Path) -> None:
    secret = tmp_path / "secret"
    secret.write_bytes(b"  s3cret\r\n\n")
    path = written(tmp_path, {"tenants": {"acme": {"platforms": {"intercom": {"secrets": [f"file:{secret}"]}}}}})
    loaded = load_with_files(path)
    assert loaded.settings.tenants["acme"].platforms["intercom"].secrets[0].get_secret_value() == "  s3cret"
    assert loaded.files == (path, secret)


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ("a: [1", ":1: not YAML"),
        ("kafka:\n  port: 1\n", ": kafka.port: is not a setting there is"),
        ("gateway: {prot: 1}", ": gateway.prot: is not a setting there is"),
        ("gateway: {port: 70000}", ": gateway.port: Input should be less than or equal to 65535"),
        ("gateway: {port: many}", ": gateway.port: Input should be a valid integer"),
        ("gateway:\n  port: 1\n  port: 2\n", ":3: `port` is given twice"),
        ("- a\n- b\n", ":1: a mapping is expected at the top"),
        ("just text", ":1: a mapping is expected at the top"),
        ("tenants: {Acme: {}}", ": tenants.Acme: has characters that are not allowed here"),
        ("tenants: {acme: {mode: loud}}", ": tenants.acme.mode: Input should be 'observe' or 'live'"),
        ("tenants: {acme: {share: 2}}", ": tenants.acme.share: Input should be less than or equal to 1"),
        ("tenants: {acme: {helpdesk: {name: jira}}}", ": tenants.acme.helpdesk.name: Input should be"),
        ("tenants: {acme: {helpdesk: {name: zendesk}}}", ": tenants.acme.helpdesk.base_url: Field required"),
        ("tenants: {acme: {calendars: {c: {hours: {monday: []}}}}}", ": tenants.acme.calendars.c.hours.monday"),
        ("? [a, b]\n: 1\n", ":1: a plain name is expected before the colon"),
        ("a: !!python/object/apply:os.system [id]", ":1: not YAML: could not determine a constructor"),
        ("a: *hunter2", ":1: not YAML: found undefined alias …"),
        ("a: !hunter2 x", ":1: not YAML: could not determine a constructor for the tag …"),
        ("a: !!timestamp x", ": holds a value that looks like a number and is none: put it in quotes"),
        ("a: !!bool x", ": holds a value that looks like a number and is none: put it in quotes"),
        ("tenants: {acme: {policy: 'file:/dev/zero'}}", ": tenants.acme.policy: /dev/zero: larger than 4194304 bytes"),
        ("a: &x [*x]", ":1: not YAML: found unconstructable recursive node"),
        ("a: " + "[" * 3_000 + "]" * 3_000, ": nested too deeply"),
        ("a: \x01", ":1: not YAML: it holds characters"),
        ("---\na: 1\n---\nb: 2\n", ":3: not YAML"),
        (b"a: \xff", ": not UTF-8"),
        (b"a: b\n" * 1_000_000, ": larger than 4194304 bytes"),
        ("a: 0x\nb: 1", ": a: is not a setting there is (and 1 more)"),
    ],
)
def test_what_is_wrong_is_one_line_with_its_place(content: str | bytes, said: str, tmp_path: Path) -> None:
    assert refusal(written(tmp_path, content)).startswith(said)


def test_a_file_that_is_not_there_or_none_is_named(tmp_path: Path) -> None:
    assert refusal(tmp_path / "nowhere.yaml") == ": No such file or directory"
    assert refusal(tmp_path) == ": Is a directory"


@pytest.mark.parametrize(
    ("value", "environ", "said"),
    [
        ("env:NOT_THERE", {}, "kafka.security.sasl.password: the environment's NOT_THERE is not set"),
        ("env:EMPTY", {"EMPTY": " "}, "kafka.security.sasl.password: the environment's EMPTY is empty"),
        ("file:/no/such/file", {}, "kafka.security.sasl.password: /no/such/file: No such file or directory"),
        ("file:/", {}, "kafka.security.sasl.password: /: Is a directory"),
        ("file:/dev/null", {}, "kafka.security.sasl.password: /dev/null is empty"),
    ],
)
def test_a_secret_that_is_not_there_is_named_by_its_place(
    value: str, environ: dict[str, str], said: str, tmp_path: Path
) -> None:
    path = written(tmp_path, {"kafka": {"security": {"sasl.password": value}}})
    assert refusal(path, environ) == f": {said}"


def test_a_refusal_shows_no_value(tmp_path: Path) -> None:
    wrong = {"tenants": {"acme": {"platforms": {"intercom": {"secrets": "env:INTERCOM", "own_ids": "s3cret-id"}}}}}
    assert "s3cret" not in refusal(written(tmp_path, wrong), {"INTERCOM": "s3cret"})


@pytest.mark.parametrize("word", ["no", "on", "yes", "off", "n", "y"])
def test_yaml_s_old_truth_values_are_words(word: str, tmp_path: Path) -> None:
    """`no` is Norwegian."""
    found = load(written(tmp_path, f"tenants: {{{word}: {{locales: [{word}, en], brand_name: {word}}}}}"))
    assert found.tenants[word].locales == (word, "en")
    assert found.tenants[word].brand_name == word


def test_a_date_stays_what_it_says(tmp_path: Path) -> None:
    found = load(written(tmp_path, "tenants: {acme: {calendars: {c: {holidays: [2026-12-25, 2027-01-01]}}}}"))
    assert found.tenants["acme"].calendars["c"].holidays == ("2026-12-25", "2027-01-01")


def test_truth_is_true_or_false(tmp_path: Path) -> None:
    assert load(written(tmp_path, "tenants: {acme: {kill_switch: true}}")).tenants["acme"].kill_switch
    assert not load(written(tmp_path, "tenants: {acme: {kill_switch: False}}")).tenants["acme"].kill_switch


def test_common_parts_may_be_shared_by_anchors_and_merges(tmp_path: Path) -> None:
    text = """
tenants:
  acme: &common
    mode: live
    locales: [en, de]
  birch:
    <<: *common
    mode: observe
"""
    found = load(written(tmp_path, text))
    assert (found.tenants["birch"].mode, found.tenants["birch"].locales) == ("observe", ("en", "de"))


def test_aliases_that_explode_are_refused(tmp_path: Path) -> None:
    lines = ["a0: &a0 [x, x, x, x, x, x, x, x, x, x]"]
    lines += [f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 10)}]" for n in range(1, 9)]
    assert refusal(written(tmp_path, "\n".join(lines))) == ": more than 200000 values"


def test_loopback_is_refused_beside_a_replicated_kafka(tmp_path: Path) -> None:
    said = refusal(written(tmp_path, "outbound: {allow_loopback: true}"))
    assert said == ": the file: outbound.allow_loopback is for the demo and tests, not beside a replicated Kafka"


@given(content=damaged(FULL, most=3))
@settings(deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_any_values_are_read_or_refused(content: Any, tmp_path: Path) -> None:
    path = tmp_path / "handoff.yaml"
    path.write_bytes(json.dumps(content).encode("utf-8", "surrogatepass"))
    try:
        assert isinstance(load_with_files(path, environ=ENVIRON), Loaded)
    except Refused as refused:
        assert "\n" not in str(refused)
        assert str(refused).startswith(str(path))
