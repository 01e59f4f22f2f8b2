"""check_policy_service as configured."""

from __future__ import annotations

import pytest

from harness.gateway.policy.endpoint import DEFAULT_ACTION, parse_service


@pytest.fixture
def settings(bench):
    return bench({"queue_directory": "/var/spool/postfix"}).policy.known.settings


@pytest.mark.parametrize(
    ("spec", "where"),
    [
        ("inet:127.0.0.1:9998", ("", "127.0.0.1", "9998")),
        ("inet:[::1]:9998", ("", "::1", "9998")),
        ("inet::9998", ("", "127.0.0.1", "9998")),
        ("unix:private/policy", ("/var/spool/postfix/private/policy", "", "")),
        ("unix:/run/policy", ("/run/policy", "", "")),
        ("{ inet:127.0.0.1:9998, timeout=10s }", ("", "127.0.0.1", "9998")),
    ],
)
def test_where_the_server_is(settings, spec, where):
    service = parse_service(spec, settings)
    assert (service.path, service.host, service.port) == where


def test_limits_come_from_main_cf_or_from_the_service_itself(settings):
    plain = parse_service("unix:/run/policy", settings)
    assert (plain.timeout_s, plain.try_limit, plain.retry_delay_s, plain.default_action) == (100, 2, 1, DEFAULT_ACTION)
    own = parse_service("{ unix:/run/policy, timeout=2m, try_limit=1, { default_action = 450 4.7.1 later } }", settings)
    assert (own.name, own.timeout_s, own.try_limit, own.default_action) == (
        "unix:/run/policy",
        120,
        1,
        "450 4.7.1 later",
    )


@pytest.mark.parametrize(
    ("spec", "what"),
    [
        ("{ }", "empty"), ("{ inet:x:1, colour=red }", "unknown"), ("{ inet:x:1, timeout=long }", "bad time"),
        ("{ inet:x:1, try_limit=a }", "bad num"),
        ("{ inet:x:1, timeout = 1 }", """malformed option: missing '=' after attribute name: "...timeout...\""""),
    ],
)  # fmt: skip
def test_mistakes(settings, spec, what):
    with pytest.raises(ValueError, match=what):
        parse_service(spec, settings)
