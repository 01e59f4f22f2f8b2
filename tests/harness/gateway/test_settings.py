"""settings: main.cf as values, with the line of every word, and Postfix's words for what is wrong."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

import fakedns
from harness.clock import HandClock
from harness.errors import ConfigError
from harness.gateway.content.examine import Engine
from harness.gateway.direct import DirectGateway
from harness.gateway.maillog import MailLog
from harness.gateway.resolver import ZoneResolver
from harness.gateway.session import Client
from harness.gateway.settings import Settings
from harness.gateway.table import TableError

Load = Callable[..., Settings]


@pytest.fixture
def load(tmp_path: Path) -> Load:
    def make(text: str, overrides: dict[str, str] | None = None, **files: str) -> Settings:
        (tmp_path / "main.cf").write_text(text)
        for name, content in files.items():
            (tmp_path / name).write_text(content)
        return Settings.load(tmp_path, overrides)

    return make


def test_values_defaults_and_expansion(load: Load) -> None:
    settings = load(
        "myhostname = gw.ok.test\nsmtpd_banner = $myhostname ESMTP $mail_name\nmessage_size_limit = 5120000\n"
    )
    assert settings.text("smtpd_banner") == "gw.ok.test ESMTP Postfix"
    assert settings.text("mydomain") == "ok.test"
    assert settings.number("message_size_limit") == 5120000
    assert settings.flag("smtpd_delay_reject") is True
    assert settings.seconds("smtpd_timeout") == 300.0 or settings.seconds("smtpd_timeout") == 10.0
    assert settings.raw("no_such_parameter") == ""
    assert settings.defined("myhostname") and not settings.defined("mydomain")


def test_every_word_of_a_list_knows_its_line(load: Load) -> None:
    settings = load(
        "smtpd_recipient_restrictions =\n  permit_mynetworks,\n# a comment\n\n  reject_unauth_destination\n"
        "  $mine permit\nmine = reject_rbl_client rbl.test\n"
    )
    assert [(word, rule.file, rule.line) for word, rule in settings.elements("smtpd_recipient_restrictions")] == [
        ("permit_mynetworks", "main.cf", 2),
        ("reject_unauth_destination", "main.cf", 5),
        ("reject_rbl_client", "main.cf", 7),
        ("rbl.test", "main.cf", 7),
        ("permit", "main.cf", 6),
    ]


@pytest.mark.parametrize(
    ("level", "relay", "order"),
    [("", "", False), ("3.6", "permit_mynetworks, permit_sasl_authenticated, defer_unauth_destination", True)],
)
def test_the_compatibility_level_changes_defaults(load: Load, level: str, relay: str, order: bool) -> None:
    settings = load(f"compatibility_level = {level}\n" if level else "myhostname = a.b\n")
    assert settings.text("smtpd_relay_restrictions") == relay
    assert settings.flag("smtpd_relay_before_recipient_restrictions") is order
    assert any("backwards-compatible" in warning for warning in settings.warnings) is not bool(level)


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ("smtpd_helo_required = maybe\n", r"main\.cf:1: bad boolean configuration: smtpd_helo_required = maybe"),
        ("a = b\nmessage_size_limit = 10M\n", r"main\.cf:2: bad numerical configuration: message_size_limit = 10M"),
        ("smtpd_timeout = soon\n", r"main\.cf:1: .*bad time value"),
        ("just words\n", r"main\.cf:1: missing '=' after attribute name"),
        ("smtpd_banner = ${myhostname\n", r"main\.cf:1: smtpd_banner: "),
    ],
)
def test_what_a_daemon_would_stop_at_is_a_config_error_with_its_line(load: Load, text: str, complaint: str) -> None:
    with pytest.raises(ConfigError, match=complaint):
        load(text)


def test_no_main_cf_is_a_config_error(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="No such file"):
        Settings.load(tmp_path)


def test_an_unknown_parameter_warns_with_the_nearest_name(load: Load) -> None:
    settings = load("smtpd_helo_requird = yes\nmy_own = 1\nsmtpd_banner = $my_own\n")
    unused = [warning for warning in settings.warnings if "unused" in warning]
    assert unused == [
        "/etc/postfix/main.cf: unused parameter: smtpd_helo_requird=yes; did you mean 'smtpd_helo_required'?"
    ]


def test_what_is_put_on_top_counts_last_and_says_so(load: Load) -> None:
    settings = load("message_size_limit = 1\n", {"message_size_limit": "2"})
    assert settings.number("message_size_limit") == 2
    assert settings.rule("message_size_limit").file == "set"


def test_tables_open_once_below_the_configuration_directory(load: Load) -> None:
    settings = load("transport_maps = hash:/etc/postfix/transport, inline:{a=b}\n", transport="ok.test smtp:[x]\n")
    first, second = settings.tables("transport_maps")
    hit = first.lookup("OK.test")
    assert hit is not None and (hit.value, hit.rule.file, hit.rule.line) == ("smtp:[x]", "transport", 1)
    assert settings.table("hash:/etc/postfix/transport") is first
    assert second.name == "inline:{a=b}"


@pytest.mark.parametrize("spec", ["hash:/etc/postfix/none", "nosuch:x", "nocolon"])
def test_a_table_that_cannot_be_opened_fails_each_time_it_is_reached(load: Load, spec: str) -> None:
    settings = load("myhostname = a.b\n")
    for _ in range(2):
        with pytest.raises(TableError):
            settings.table(spec)


def test_late_warnings_are_kept_and_told(load: Load) -> None:
    settings = load("a = b\n", bad="lonely\n")
    told: list[str] = []
    settings.listen(told.append)
    settings.table("hash:/etc/postfix/bad")
    assert told and told[0] in settings.warnings and "expected format: key whitespace value" in told[0]


def test_a_warning_is_told_until_one_takes_it(load: Load) -> None:
    """The gateway listens before its policy does, and the policy words what comes while it asks."""
    settings = load("a = b\n")
    told: list[str] = []
    settings.listen(told.append)
    mine = [True]
    settings.listen(lambda text: mine[0])
    settings.warn("taken")
    mine[0] = False
    settings.warn("left")
    assert told == ["left"] and settings.warnings[-2:] == ["taken", "left"]


def test_what_a_table_warns_about_while_smtpd_asks_it_is_logged_once(load: Load) -> None:
    settings = load(
        "compatibility_level = 3.6\nrelay_domains = ok.test\nsmtpd_relay_restrictions = reject_unauth_destination\n"
        "smtpd_sender_restrictions = check_sender_access pcre:/etc/postfix/senders\n",
        senders="/^(a+)+$/ REJECT\n",
    )
    log = MailLog(HandClock(), "gw.ok.test")
    lines: list[str] = []
    log.sinks.append(lines.append)
    settings.listen(lambda text: log.line("smtpd", 0, f"warning: {text}"))
    engine = Engine.load(settings.directory / "rav")
    session = DirectGateway(settings, engine, ZoneResolver(fakedns.Zone(), strict=False), log).open(Client("192.0.2.1"))
    session.greet()
    for command in ("HELO a", f"MAIL FROM:<{'a' * 31}b@b.test>", "RCPT TO:<a@ok.test>"):
        session.receive(command.encode() + b"\r\n")
    assert [line.partition(" gw ")[2] for line in lines if "match limit" in line] == [
        "postfix/smtpd[1]: warning: pcre map /etc/postfix/senders, line 1: match limit exceeded"
    ]


@given(st.text(max_size=120))
def test_any_text_is_settings_or_a_config_error(tmp_path_factory: pytest.TempPathFactory, text: str) -> None:
    directory = tmp_path_factory.getbasetemp()
    (directory / "main.cf").write_bytes(text.encode("utf-8", "surrogatepass"))
    try:
        Settings.load(directory)
    except ConfigError:
        pass
