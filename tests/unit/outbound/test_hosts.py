"""Which URLs may be called, whatever is done to them; and which addresses a name may lead to."""

import ipaddress
import string

import pytest
from hypothesis import assume, example, given
from hypothesis import strategies as st
from yarl import URL

from agents.outbound import NotSent
from agents.outbound_hosts import HostRules

RULES = HostRules(
    ("desk.acme.example", "rt.acme.example:8443", "10.0.0.5", "8.8.8.8"), private_hosts=("in.acme.example",)
)


def allowed(url: str, rules: HostRules = RULES) -> bool:
    try:
        rules.check(url)
    except NotSent as error:
        assert error.reason == "not_allowed"
        return False
    return True


@pytest.mark.parametrize(
    "url",
    [
        "https://acme.zendesk.com/api/v2/tickets",
        "https://ACME.ZENDESK.COM/api",
        "https://acme.zendesk.com:443/x",
        "https://acme.zendesk.com/x?next=http://10.0.0.1/#@evil.com",
        "https://a.b.zendesk.com/",
        "https://acme.freshdesk.com/",
        "https://api.intercom.io/me",
        "https://api.eu.intercom.io/me",
        "https://desk.acme.example/x",
        "https://rt.acme.example:8443/x",
        "https://in.acme.example/x",
        "https://8.8.8.8/",
    ],
)
def test_what_is_hosted_or_listed_may_be_called(url: str) -> None:
    assert allowed(url)


@pytest.mark.parametrize(
    "url",
    [
        "http://acme.zendesk.com/",
        "ftp://acme.zendesk.com/",
        "file:///etc/passwd",
        "//acme.zendesk.com/",
        "https:acme.zendesk.com",
        "https:///acme.zendesk.com",
        "",
        "acme.zendesk.com",
        "https://zendesk.com/",
        "https://.zendesk.com/",
        "https://acme.zendesk.com.evil.com/",
        "https://acmezendesk.com/",
        "https://evil.com/acme.zendesk.com",
        "https://evil.com#.zendesk.com",
        "https://evil.com?.zendesk.com",
        "https://evil.com\\.zendesk.com/",
        "https://acme.zendesk.com\\@evil.com/",
        "https://evil.com%2f.zendesk.com/",
        "https://acme.zendesk.com%00.evil.com/",
        "https://acme.zendesk.com\t.evil.com/",
        "https://acme.zendesk.com\r\nHost: evil.com/",
        "https://user:pass@acme.zendesk.com/",
        "https://acme.zendesk.com@evil.com/",
        "https://acme.zendesk.com:pass@evil.com/",
        "https://acme.zendesk.com:8443/",
        "https://acme.zendesk.com:80/",
        "https://acme.zendesk.com:99999/",
        "https://acme.zendesk.com:abc/",
        "https://acme.zendesk.com./",
        "https://-acme.zendesk.com/",
        "https://acme_.zendesk.com/",
        "https://desk.acme.example:8443/",
        "https://rt.acme.example/",
        "https://xdesk.acme.example/",
        "https://api.intercom.io.evil.com/",
        "https://apixintercom.io/",
        "https://10.0.0.5/",
        "https://10.0.0.6/",
        "https://127.0.0.1/",
        "http://127.0.0.1/",
        "https://localhost/",
        "https://[::1]/",
        "https://[::ffff:8.8.8.8]/",
        "https://2130706433/",
        "https://0x7f.1/",
        "https://0177.0.0.1/",
        "https://127.1/",
        "https://169.254.169.254/latest/meta-data/",
        "https://[fe80::1%25eth0]/",
        "https://аcme.zendesk.com.evil.com/",
    ],
)
def test_what_only_looks_like_it_may_not(url: str) -> None:
    assert not allowed(url)


@pytest.mark.parametrize("url", ["https://ａｃｍｅ.zendesk.com/", "https://acme。zendesk。com/"])
def test_a_name_in_other_letters_is_judged_by_what_is_connected_to(url: str) -> None:
    assert RULES.check(url).raw_host == "acme.zendesk.com"


@pytest.mark.parametrize(
    "url", ["http://127.0.0.1:8080/x", "http://localhost:1/", "http://[::1]:9/", "https://127.0.0.1/"]
)
def test_loopback_is_open_in_the_demo_and_in_tests_alone(url: str) -> None:
    assert allowed(url, HostRules(allow_loopback=True))
    assert not allowed(url, HostRules(("127.0.0.1", "localhost", "::1")))


@pytest.mark.parametrize(
    "url", ["http://127.0.0.2/", "http://127.1/", "http://0.0.0.0/", "http://[::ffff:127.0.0.1]/", "http://localhost./"]
)
def test_only_the_plain_names_of_loopback_are_open(url: str) -> None:
    assert not allowed(url, HostRules(allow_loopback=True))


_host = st.text(alphabet=string.ascii_letters + string.digits + ".-_:@/\\%#?[] \tаｅ。", max_size=24)


@given(
    _host, st.sampled_from(["", ".zendesk.com", "@acme.zendesk.com", "acme.zendesk.com", ".acme.zendesk.com/"]), _host
)
@example("evil.com/", ".zendesk.com", "")
@example("", "acme.zendesk.com", ".evil.com")
def test_whatever_passes_is_connected_to_under_an_allowed_name(before: str, middle: str, after: str) -> None:
    url = f"https://{before}{middle}{after}"
    try:
        found = RULES.check(url)
    except NotSent:
        return
    host = found.raw_host or ""
    assert found.scheme == "https"
    assert (host.endswith((".zendesk.com", ".freshdesk.com")) and found.port == 443) or (host, found.port) in {
        ("desk.acme.example", 443),
        ("rt.acme.example", 8443),
        ("in.acme.example", 443),
        ("8.8.8.8", 443),
        ("api.intercom.io", 443),
    }
    assert URL(str(found)).raw_host == host, "a client that parses it again reads the same host"


_public = st.one_of(st.ip_addresses(v=4), st.ip_addresses(v=6))


@given(_public)
def test_a_plain_name_leads_to_public_addresses_alone(address: ipaddress.IPv4Address | ipaddress.IPv6Address) -> None:
    if RULES.permits_address(str(address), "desk.acme.example"):
        assert address.is_global
        assert not address.is_private
        assert not address.is_multicast


@given(st.ip_addresses(v=4))
def test_an_ipv4_address_in_the_dress_of_ipv6_counts_as_itself(address: ipaddress.IPv4Address) -> None:
    plain = RULES.permits_address(str(address), "desk.acme.example")
    number = int(address)
    assume(number > 1)
    for dressed in (
        ipaddress.IPv6Address((0xFFFF << 32) | number),
        ipaddress.IPv6Address(number),
        ipaddress.IPv6Address((0x64FF9B << 96) | number),
        ipaddress.IPv6Address((0x2002 << 112) | (number << 80)),
        ipaddress.IPv6Address((0x20010000 << 96) | (number ^ 0xFFFFFFFF)),
    ):
        assert RULES.permits_address(str(dressed), "desk.acme.example") == plain, dressed


@pytest.mark.parametrize(
    "address",
    [
        "127.0.0.1",
        "10.1.2.3",
        "172.16.0.1",
        "192.168.1.1",
        "100.64.0.1",
        "169.254.169.254",
        "0.0.0.0",
        "224.0.0.1",
        "255.255.255.255",
        "::",
        "::1",
        "fe80::1",
        "fe80::1%eth0",
        "fc00::1",
        "fd00:ec2::254",
        "ff02::1",
        "::ffff:169.254.169.254",
        "64:ff9b::a9fe:a9fe",
        "not an address",
        "",
    ],
)
def test_an_address_inside_is_refused(address: str) -> None:
    assert not RULES.permits_address(address, "desk.acme.example")
    assert not HostRules(allow_loopback=False).permits_address(address, "acme.zendesk.com")


@pytest.mark.parametrize("address", ["10.1.2.3", "192.168.1.1", "100.64.0.1", "fd12::1", "8.8.8.8"])
def test_a_private_host_may_lead_into_one_s_own_network(address: str) -> None:
    assert RULES.permits_address(address, "in.acme.example")
    assert RULES.permits_address(address, "IN.acme.example")


@pytest.mark.parametrize(
    "address",
    ["127.0.0.1", "::1", "169.254.169.254", "::ffff:169.254.169.254", "fe80::1", "0.0.0.0", "fd00:ec2::254",
     "100.100.100.200", "224.0.0.1"],
)  # fmt: skip
def test_but_never_to_this_machine_nor_to_where_a_cloud_keeps_its_credentials(address: str) -> None:
    assert not RULES.permits_address(address, "in.acme.example")


@pytest.mark.parametrize("entry", ["[::1]:443", "::1", "[2001:db8::1]:8443"])
def test_entries_may_be_addresses_of_ipv6(entry: str) -> None:
    assert not allowed("https://[::1]/", HostRules((entry,))), "listed or not, loopback is not public"


def test_a_listed_public_address_may_be_called_by_its_number() -> None:
    rules = HostRules(("2606:4700::1111", "1.1.1.1:8443"))
    assert allowed("https://[2606:4700::1111]/", rules)
    assert allowed("https://1.1.1.1:8443/", rules)
    assert not allowed("https://1.1.1.1/", rules)
