"""rav: the configuration, and every mistake in it with file, line and the nearest right word."""

from __future__ import annotations

from pathlib import Path

import pytest

from harness.errors import ConfigError
from harness.gateway.content.rav import LEGAL, load_rav


def write(tmp_path: Path, **files: str) -> Path:
    for name, text in files.items():
        path = tmp_path / name.replace("__", "/")
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    return tmp_path


def test_the_paper_s_lines_are_read(tmp_path: Path) -> None:
    rav = load_rav(
        write(
            tmp_path,
            **{
                "global": "wbl_accept yourdomain.com\nwbl_reject spammerdomain.com\nantispam_configuration = bulk_very_high_precision\n"
            },
            actions="act_for_infected_files = clean, delete, discard\n",
            rbl_settings="#rbl_site = rblsite.com\n",
            languages__english='infected_m_english = "\nThe file ATTACH_NAME\nis infected."\n',
        ),
        {},
    )
    (group,) = rav.groups
    chain = group.chains["act_for_infected_files"]
    assert chain.actions == ("clean", "delete", "discard") and str(chain.rule).startswith("rav/actions:1: ")
    assert group.antispam is not None and group.antispam.level == "very_high"
    assert [entry for entry, _ in rav.accept] == ["yourdomain.com"] and not rav.rbl_sites
    assert "ATTACH_NAME\nis infected" in rav.templates["infected_m_english"][0]


def test_groups_are_asked_in_order_and_inherit(tmp_path: Path) -> None:
    rav = load_rav(
        write(
            tmp_path,
            groups="warn_sender = yes\n@vip@\nmembers = boss@ok.test, @vip.test\nact_for_infected_files = reject\n",
        ),
        {},
    )
    assert rav.group_of("BOSS@ok.test").name == rav.group_of("x@vip.test").name == "vip"
    assert rav.group_of("x@ok.test").name == "global"
    vip = rav.group_of("boss@ok.test")
    assert vip.chains["act_for_infected_files"].actions == ("reject",)
    assert vip.chains["act_for_suspicious_files"].actions == ("move", "reject") and vip.warn_sender is not None


def test_lists_grow_and_other_keys_may_stand_once(tmp_path: Path) -> None:
    rav = load_rav(write(tmp_path, rbl_settings="rbl_site = a.test\nrbl_site = b.test=127.0.0.2, c.test\n"), {})
    assert [site for site, _ in rav.rbl_sites] == ["a.test", "b.test=127.0.0.2", "c.test"]
    with pytest.raises(ConfigError, match=r"rav/global:2: stamp is given twice; first at rav/global:1"):
        load_rav(write(tmp_path, **{"global": "stamp = yes\nstamp = no\n"}), {})


@pytest.mark.parametrize(
    ("files", "complaint"),
    [
        (
            {"global": "act_for_infectd_files = delete\n"},
            r"rav/global:1: unknown key .*did you mean 'act_for_infected_files'",
        ),
        ({"actions": "act_for_infected_files = delte\n"}, r"rav/actions:1: no action 'delte'; did you mean 'delete'"),
        (
            {"actions": "act_for_filter_subject = delete\n"},
            r"rav/actions:1: delete cannot be done for act_for_filter_subject",
        ),
        ({"actions": "act_for_suspicious_files = clean\n"}, r"rav/actions:1: clean cannot be done"),
        ({"actions": "act_for_infected_files =\n"}, r"rav/actions:1: .*at least one action"),
        (
            {"global": "antispam_configuration = bulk_very_hihg_precision\n"},
            r"rav/global:1: no section .*did you mean '@?bulk_very_high",
        ),
        ({"global": "mode = during_queue\n"}, r"rav/global:1: mode is after_queue or before_queue"),
        ({"global": "warn_sender = perhaps\n"}, r"rav/global:1: warn_sender is yes or no"),
        ({"global": "max_depth = deep\n"}, r"rav/global:1: max_depth is a whole number"),
        ({"global": "filter_subject = (\n"}, r"rav/global:1: bad pattern"),
        ({"groups": "@empty@\nwarn_sender = yes\n"}, r"rav/groups:1: group @empty@ has no members"),
        ({"groups": "include = nosuch\n"}, r"no group @nosuch@"),
        ({"antispam": "actions = deliver\n"}, r"rav/antispam:1: actions stands before the first section"),
        ({"antispam": "@s@\nactions = deliver\n"}, r"rav/antispam:1: section @s@ takes one of accuracy_low"),
        ({"global": "???\n"}, r"rav/global:1: neither a section"),
        (
            {"languages__english": 'x = "never closed\n'},
            r"rav/languages/english:1: the quoted text of x is never closed",
        ),
    ],
)
def test_mistakes(tmp_path: Path, files: dict[str, str], complaint: str) -> None:
    with pytest.raises(ConfigError, match=complaint):
        load_rav(write(tmp_path, **files), {})


def test_what_a_scenario_sets_counts_and_is_checked(tmp_path: Path) -> None:
    assert load_rav(tmp_path, {"mode": "before_queue"}).mode == "before_queue"
    with pytest.raises(ConfigError, match="unknown key 'mod'; did you mean 'mode'"):
        load_rav(tmp_path, {"mod": "x"})


@pytest.mark.parametrize("key", [key for key in LEGAL if key != "actions"])
def test_each_class_takes_exactly_its_legal_actions(tmp_path: Path, key: str) -> None:
    for action in ("clean", "move", "copy", "delete", "rename", "ignore", "reject", "discard"):
        directory = write(tmp_path, actions=f"{key} = {action}\n")
        if action in LEGAL[key]:
            load_rav(directory, {})
        else:
            with pytest.raises(ConfigError):
                load_rav(directory, {})
