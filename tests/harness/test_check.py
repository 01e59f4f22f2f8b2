"""check: each mistake is told with its line and the nearest right name; what is right is left in peace."""

from __future__ import annotations

from pathlib import Path

import pytest

from harness.check import check, value_of
from harness.errors import UsageError

CORPUS = Path(__file__).parents[2] / "corpus" / "gateways"
BASE = "compatibility_level = 3.6\nsmtpd_relay_restrictions = reject_unauth_destination\n"


def complaints(tmp_path: Path, capsys: pytest.CaptureFixture[str], main_cf: str = "", **files: str) -> list[str]:
    (tmp_path / "main.cf").write_text(BASE + main_cf)
    for name, text in files.items():
        path = tmp_path / name.replace("__", "/")
        path.parent.mkdir(exist_ok=True)
        path.write_text(text)
    status = check(str(tmp_path))
    lines = capsys.readouterr().out.splitlines()
    assert status == (0 if lines == ["nothing to complain about"] else 1)
    return [line.removeprefix(f"{tmp_path}/") for line in lines[:-1]]


@pytest.mark.parametrize("name", ["accept-all", "reject-all", "paper-2003-as-meant"])
def test_a_good_configuration_is_left_in_peace(name: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert check(str(CORPUS / name)) == 0
    assert capsys.readouterr().out == "nothing to complain about\n"


def test_the_line_of_the_paper_without_a_code_is_found(capsys: pytest.CaptureFixture[str]) -> None:
    assert check(str(CORPUS / "paper-2003")) == 1
    out = capsys.readouterr().out
    assert "mta_clients_bw.map:5: 'ACL' is neither an action nor a restriction, so it answers 451" in out
    assert "as in `REJECT ACL mta_clients_bw`?" in out


@pytest.mark.parametrize(
    ("written", "said"),
    [
        ("smtpd_hello_required = yes", "main.cf:3: unused parameter: smtpd_hello_required=yes; did you mean 'smtpd_helo_required'?"),
        ("smtpd_client_restrictions = reject_rbl_clint a.test", "main.cf:3: unknown smtpd restriction: \"reject_rbl_clint\": it answers 451; did you mean 'reject_rbl_client'?"),
        ("smtpd_client_restrictions =\n  permit_mynetworks,\n  check_client_access nothing", 'main.cf:5: restriction check_client_access: bad argument "nothing": need maptype:mapname: it answers 451'),
        ("smtpd_client_restrictions = reject_rbl_client", "main.cf:3: restriction reject_rbl_client requires domain name argument: it is skipped"),
        ("smtpd_data_restrictions = hash:/etc/postfix/good", 'main.cf:3: "hash:/etc/postfix/good" needs a command in front of it in this list: it answers 451'),
        ("smtpd_client_restrictions = permit, reject_unknown_client_hostname", "main.cf:3: never asked: `permit` before it ends the list"),
        ("transport_maps = hash:/etc/postfix/gone", "main.cf:3: hash:/etc/postfix/gone: open database /etc/postfix/gone: No such file or directory"),
    ],
)  # fmt: skip
def test_a_mistake_in_main_cf(written: str, said: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert said in complaints(tmp_path, capsys, written + "\n", good="a OK\n")


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("a.test  REJCT no", "'REJCT' is neither an action nor a restriction, so it answers 451; did you mean 'REJECT'?"),
        ("a.test  reject_unknown_sender", "'reject_unknown_sender' is neither an action nor a restriction, so it answers 451; did you mean 'reject_unknown_sender_domain'?"),
        ("a.test  hash:/etc/postfix/other", "'hash:/etc/postfix/other' names a lookup table; it answers 451: name a restriction class instead"),
        ("a.test", "expected format: key whitespace value"),
    ],
)  # fmt: skip
def test_a_mistake_in_an_access_table(line: str, said: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    main_cf = "smtpd_sender_restrictions = check_sender_access hash:/etc/postfix/senders\n"
    assert complaints(tmp_path, capsys, main_cf, senders=f"ok.test OK\n{line}\n") == [f"senders:2: {said}"]


@pytest.mark.parametrize("value", ["OK", "reject", "550 5.1.1 no", "20031128", "permit_mynetworks, reject", "HOLD x"])
def test_a_right_value_is_left_in_peace(value: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    main_cf = "smtpd_sender_restrictions = check_sender_access texthash:/etc/postfix/senders\n"
    assert complaints(tmp_path, capsys, main_cf, senders=f"a.test {value}\n") == []


def test_an_unknown_action_of_header_checks(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    main_cf = "header_checks = pcre:/etc/postfix/headers\n"
    headers = "/^Subject: a/ REJECT\n/^Subject: b/ REJET no\n/^Subject: [/ WARN\n"
    assert complaints(tmp_path, capsys, main_cf, headers=headers) == [
        "headers:2: 'REJET' is no action of header_checks, so nothing happens; did you mean 'REJECT'?",
        "headers:3: error in regex at offset 11: missing terminating ] for character class",
    ]


def test_what_does_not_start_is_said_too_and_is_status_3(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "main.cf").write_text(f"{BASE}smtpd_helo_required = perhaps\n")
    (tmp_path / "rav").mkdir()
    (tmp_path / "rav" / "global").write_text("[global]\nnosuchkey = yes\n")
    assert check(str(tmp_path)) == 3
    said = capsys.readouterr()
    assert "does not start" in said.err and "smtpd_helo_required" in said.err and "nosuchkey" in said.err
    assert said.out == "2 complaints\n"


def test_no_directory_is_wrong_usage(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match=r"there is no main\.cf"):
        check(str(tmp_path / "gone"))


@pytest.mark.parametrize(
    ("table", "text", "value"),
    [
        ("hash:/a", "key REJECT no", "REJECT no"),
        ("cidr:/a", "10.0.0.0/8 OK", "OK"),
        ("regexp:/a", "/a b/i REJECT $1", "REJECT $1"),
        ("regexp:/a", "!/a\\/b/ OK", "OK"),
        ("regexp:/a", "/a/!/b/ HOLD it", "HOLD it"),
        ("pcre:/a", "|a b|x DUNNO", "DUNNO"),
        ("inline:{a=b}", "a=b", None),
    ],
)
def test_the_right_side_of_a_line(table: str, text: str, value: str | None) -> None:
    assert value_of(table, text) == value
