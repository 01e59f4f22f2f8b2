"""rav: the configuration, and every mistake in it with file, line and the nearest right word."""

from __future__ import annotations

from pathlib import Path

import pytest

from harness.errors import ConfigError
from harness.gateway.content.rav import load_rav
from harness.gateway.content.rav_keys import LEGAL


def write(tmp_path: Path, **files: str) -> Path:
    for name, text in files.items():
        path = tmp_path / name.replace("__", "/")
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, "utf-8", "surrogateescape")
    return tmp_path


def test_the_paper_s_lines_are_read(tmp_path: Path) -> None:
    rav = load_rav(
        write(
            tmp_path,
            **{
                "global": "wbl_accept yourdomain.com\nwbl_reject spammerdomain.com\nantispam_configuration = bulk_very_high_precision\n"
            },
            actions="act_for_infected_files = clean, delete, discard\n",
            rbl_settings="rbl_site = rblsite.com\n#rbl_site = other.com\n",
            languages__english='infected_m_english = "\nThe file ATTACH_NAME\nis infected."\n',
        ),
        {},
    )
    (group,) = rav.groups
    chain = group.chains["act_for_infected_files"]
    assert chain.actions == ("clean", "delete", "discard") and str(chain.rule).startswith("rav/actions:1: ")
    assert group.antispam is not None and group.antispam.level == "very_high"
    assert [entry.text for entry in group.white] == ["yourdomain.com"]
    assert [entry.text for entry in group.black] == ["spammerdomain.com"]
    assert [site.zone for site in group.rbl_sites] == ["rblsite.com"]
    assert rav.languages["english"].text("infected", {"ATTACH_NAME": "(x)"}) == "The file (x)\nis infected."


def test_without_a_file_the_defaults_hold(tmp_path: Path) -> None:
    rav = load_rav(tmp_path, {})
    (group,) = rav.groups
    assert group.name == "global" and group.holds("anybody@anywhere.test") and rav.mode == "after_queue"
    assert group.chains["act_for_infected_files"].actions == ("clean", "delete", "reject")
    assert group.warn["sender"] is None and group.warn["receiver"] is not None and group.antispam is None


def test_rav_s_own_antispam_file_is_read(tmp_path: Path) -> None:
    rav = load_rav(
        write(
            tmp_path,
            antispam="""# comment
@define_strings@
own_header = "X-Own: yes"
@define_actions@
own_actions = save, add_header, deliver
@bulk_detection_low@
accuracy_low
extra_header = bulk_header_low_english
extra_subject = bulk_subject_low_english
#embedded_msg = bulk_embedded_low_english
actions = bulk_actions_low
quarantine = /var/opt/rav/bulk
@mine@
accuracy_high
extra_header = own_header
actions = own_actions
quarantine = /var/spool/junk/
""",
            groups="antispam_configuration = mine\n@low@\nmembers = @low.test\nantispam_configuration = bulk_detection_low\n",
        ),
        {},
    )
    mine, low = rav.group_of("x@y.test").antispam, rav.group_of("x@low.test").antispam
    assert mine is not None and low is not None
    assert (mine.level, mine.actions, mine.extra_header, mine.quarantine) == ("high", ("save", "add_header", "deliver"), "X-Own: yes", "junk")  # fmt: skip
    assert (low.actions, low.extra_header, low.quarantine) == (("add_header", "deliver"), "X-RAV-Bulk: low", "bulk")


def test_actions_patterns_and_strings_are_declared_first_and_referred_to(tmp_path: Path) -> None:
    rav = load_rav(
        write(
            tmp_path,
            actions="@define_actions@\nquiet = copy, discard\n@global@\nact_for_infected_files = quiet\n",
            groups="@define_regexps@\nprograms = \\.(exe|scr)$\n@global@\nfilter_attachment = programs -> quiet\n",
        ),
        {},
    )
    (group,) = rav.groups
    assert group.chains["act_for_infected_files"].actions == ("copy", "discard")
    (line,) = group.filters["filter_attachment"]
    assert line.name == "programs" and line.actions == ("copy", "discard") and line.found_in("a.EXE") == ".EXE"


@pytest.mark.parametrize(
    ("line", "matches", "actions"),
    [("a b -> discard", "xa bx", ("discard",)), ('"a -> b" -> copy, discard', "a -> b", ("copy", "discard")), ('" a"', "x a", ()), ('"a"->discard', "a", ("discard",))],
)  # fmt: skip
def test_a_filter_line_is_a_pattern_and_perhaps_actions(
    tmp_path: Path, line: str, matches: str, actions: tuple[str, ...]
) -> None:
    (group,) = load_rav(write(tmp_path, **{"global": f"filter_subject = {line}\n"}), {}).groups
    (one,) = group.filters["filter_subject"]
    assert one.found_in(matches) is not None and one.found_in("zzz") is None
    assert one.actions == actions


def test_groups_are_ordered_and_take_over_what_they_do_not_say(tmp_path: Path) -> None:
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
    assert vip.chains["act_for_suspicious_files"].actions == ("move", "reject") and vip.warn["sender"] is not None
    by_group = rav.by_group(("x@ok.test", "boss@ok.test", "y@ok.test"))
    assert [(g.name, r) for g, r in by_group] == [("vip", ("boss@ok.test",)), ("global", ("x@ok.test", "y@ok.test"))]


def test_include_says_which_groups_are_in_force_and_in_which_order(tmp_path: Path) -> None:
    groups = "include = b, a\n@a@\nmembers = *\n@b@\nmembers = *\n@c@\nmembers = *\n"
    assert [group.name for group in load_rav(write(tmp_path, groups=groups), {}).groups] == ["b", "a", "global"]


def test_what_a_group_says_of_lists_scans_and_language_is_its_own(tmp_path: Path) -> None:
    rav = load_rav(
        write(
            tmp_path,
            groups="heuristics = yes\n@lab@\nmembers = @lab.test\nheuristics = no\nstamp = no\nbanned_extensions = abc, .DEF\n"
            "wbl_accept = 192.0.2.0/24\nrbl_site = lab.rbl.test\nlanguage = german\nwarn_receiver = no\n",
            languages__german='infected_m_german = "Die Datei ATTACH_NAME ist infiziert."\n',
        ),
        {},
    )
    lab, other = rav.group_of("x@lab.test"), rav.group_of("x@ok.test")
    assert not lab.heuristics and other.heuristics and not lab.stamp and other.stamp
    assert lab.banned[0] == {"abc", "def"} and "exe" in other.banned[0] and lab.banned[1].line == 6
    assert [entry.text for entry in lab.white] == ["192.0.2.0/24"] and not other.white
    assert [site.zone for site in lab.rbl_sites] == ["lab.rbl.test"] and not other.rbl_sites
    assert (lab.language, other.language) == ("german", "english") and set(rav.languages) == {"german", "english"}
    assert lab.warn["receiver"] is None and other.warn["receiver"] is not None


def test_every_list_that_a_group_does_not_write_is_the_global_one(tmp_path: Path) -> None:
    lists = "wbl_accept = a.test\nwbl_reject = b.test\nrbl_site = c.test\nrbl_reply = no\nfilter_subject = d\nadministrator = e@f\n"
    rav = load_rav(write(tmp_path, groups=f"{lists}@g@\nmembers = g@ok.test\nwbl_reject = z.test\n"), {})
    own, base = rav.groups
    assert own.white == base.white and own.rbl_sites == base.rbl_sites and own.filters == base.filters
    assert (own.rbl_reply, own.administrator) == ("no", "e@f") == (base.rbl_reply, base.administrator)
    assert [entry.text for entry in own.black] == ["z.test"] and [entry.text for entry in base.black] == ["b.test"]


def test_lists_grow_and_other_keys_may_stand_once(tmp_path: Path) -> None:
    rav = load_rav(write(tmp_path, rbl_settings="rbl_site = a.test\nrbl_site = b.test=127.0.0.2, c.test\n"), {})
    assert [site.zone for site in rav.groups[-1].rbl_sites] == ["a.test", "b.test", "c.test"]
    with pytest.raises(ConfigError, match=r"rav/global:2: stamp is given twice; first at rav/global:1"):
        load_rav(write(tmp_path, **{"global": "stamp = yes\nstamp = no\n"}), {})


def test_a_list_may_lie_in_a_file_of_its_own(tmp_path: Path) -> None:
    rav = load_rav(
        write(
            tmp_path, **{"global": "wbl_reject = ./black\n", "black": "# ours\nbad.test\n\n192.0.2.1/24 # host bits\n"}
        ),
        {},
    )
    black = rav.groups[-1].black
    assert [(one.text, one.rule.line) for one in black] == [("bad.test", 2), ("192.0.2.1/24", 4)]
    assert black[0].rule.file == "rav/black"


@pytest.mark.parametrize(
    ("files", "complaint"),
    [
        ({"global": "act_for_infectd_files = delete\n"}, r"rav/global:1: unknown key .*did you mean 'act_for_infected_files'"),
        ({"actions": "act_for_infected_files = delte\n"}, r"rav/actions:1: no action 'delte'; did you mean 'delete'"),
        ({"actions": "act_for_filter_subject = delete\n"}, r"rav/actions:1: delete cannot be done for act_for_filter_subject"),
        ({"actions": "act_for_suspicious_files = clean\n"}, r"rav/actions:1: clean cannot be done"),
        ({"actions": "act_for_infected_files =\n"}, r"rav/actions:1: .*at least one action"),
        ({"actions": "mode = before_queue\n"}, r"rav/actions:1: unknown key 'mode'; it belongs in rav/global"),
        ({"actions": "@define_actions@\nx = delte\n"}, r"rav/actions:2: no action 'delte'; did you mean 'delete'"),
        ({"actions": "@define_actions@\nx = save\n@global@\nact_for_infected_files = x\n"}, r"rav/actions:4: save cannot be done"),
        ({"global": "antispam_configuration = bulk_very_hihg_precision\n"}, r"rav/global:1: no section .*did you mean '@?bulk_very_high"),
        ({"global": "mode = during_queue\n"}, r"rav/global:1: mode is after_queue or before_queue"),
        ({"global": "warn_sender = perhaps\n"}, r"rav/global:1: warn_sender is yes or no"),
        ({"global": "max_depth = deep\n"}, r"rav/global:1: max_depth is a whole number"),
        ({"global": "filter_subject = (\n"}, r"rav/global:1: bad pattern"),
        ({"global": "filter_subject = (a)\\1\n"}, r"rav/global:1: bad pattern"),
        ({"global": 'filter_subject = "a" b -> copy\n'}, r"rav/global:1: text after the closing quote: 'b'"),
        ({"global": "filter_subject = x -> clean\n"}, r"rav/global:1: clean cannot be done for act_for_filter_subject"),
        ({"global": "@define_regexps@\np = (\n@global@\nfilter_content = p\n"}, r"rav/global:2: bad pattern"),
        ({"global": "wbl_reject = ./nosuch\n"}, r"rav/global:1: wbl_reject: no file ./nosuch"),
        ({"global": "wbl_reject = 192.0.2.300\n"}, r"rav/global:1: wbl_reject: '192.0.2.300' is no address, network, domain"),
        ({"global": "wbl_reject = good.test, bad test\n"}, r"rav/global:1: wbl_reject: 'bad test' is no address"),
        ({"global": "wbl_accept = ./list\n", "list": "# x\n\na b\n"}, r"rav/list:3: wbl_accept: 'a b' is no address"),
        ({"groups": "@a@\nmembers = boss\n"}, r"rav/groups:2: member 'boss' is no address, no @domain"),
        ({"rbl_settings": "rbl_site = =127.0.0.2\n"}, r"rav/rbl_settings:1: rbl_site =127.0.0.2: '' is no name of a zone"),
        ({"global": "filter_subject = \udcff\n"}, r"rav/global:1: bad pattern"),
        ({"global": "language = klingon\n"}, r"rav/global:1: no file rav/languages/klingon"),
        ({"rbl_settings": "rbl_site = a.test=127.0.0\n"}, r"rav/rbl_settings:1: rbl_site a.test=127.0.0: need four octets"),
        ({"groups": "@empty@\nwarn_sender = yes\n"}, r"rav/groups:1: group @empty@ has no members"),
        ({"groups": "@a@\nmembers = *\nmode = before_queue\n"}, r"rav/groups:3: mode holds for the whole server: it belongs to @global@, not @a@"),
        ({"groups": "@a@\nmembers = *\nmax_depth = 3\n"}, r"rav/groups:3: max_depth holds for the whole server"),
        ({"groups": "include = nosuch\n"}, r"rav/groups:1: no group @nosuch@"),
        ({"antispam": "actions = deliver\n"}, r"rav/antispam:1: actions stands before the first section"),
        ({"antispam": "@s@\nactions = deliver\n"}, r"rav/antispam:1: section @s@ takes one of accuracy_low"),
        ({"antispam": "@s@\naccuracy_low\nacuracy_high\n"}, r"rav/antispam:3: unknown key 'acuracy_high'; did you mean 'accuracy_high'"),
        ({"antispam": "@s@\naccuracy_low\nactions = forward\n"}, r"rav/antispam:3: forward needs a forward_to"),
        ({"antispam": "@s@\naccuracy_low\nextra_subject = bulk_subjcet_low_english\n"}, r"rav/antispam:3: no string .*did you mean 'bulk_subject_low"),
        ({"antispam": "@s@\naccuracy_low\nextra_header = X Y: z\n"}, r"rav/antispam:3: 'X Y' is no name of a header field"),
        ({"global": "???\n"}, r"rav/global:1: neither a section"),
        ({"languages__english": 'x = "never closed\n'}, r"rav/languages/english:1: the quoted text of x is never closed"),
        ({"languages__english": 'infectd_m_english = "x"\n'}, r"rav/languages/english:1: no event 'infectd'; did you mean 'infected'"),
    ],
)  # fmt: skip
def test_mistakes(tmp_path: Path, files: dict[str, str], complaint: str) -> None:
    with pytest.raises(ConfigError, match=complaint):
        load_rav(write(tmp_path, **files), {})


def test_what_a_scenario_sets_counts_and_is_checked(tmp_path: Path) -> None:
    assert load_rav(tmp_path, {"mode": "before_queue"}).mode == "before_queue"
    with pytest.raises(ConfigError, match="unknown key 'mod'; did you mean 'mode'"):
        load_rav(tmp_path, {"mod": "x"})
    group = load_rav(tmp_path, {"filter_subject": "one\ntwo -> discard"}).groups[-1]
    assert [line.actions for line in group.filters["filter_subject"]] == [(), ("discard",)]


@pytest.mark.parametrize("key", [key for key in LEGAL if key != "actions"])
def test_each_class_takes_exactly_its_legal_actions(tmp_path: Path, key: str) -> None:
    for action in ("clean", "move", "copy", "delete", "rename", "ignore", "reject", "discard"):
        directory = write(tmp_path, actions=f"{key} = {action}\n")
        if action in LEGAL[key]:
            load_rav(directory, {})
        else:
            with pytest.raises(ConfigError):
                load_rav(directory, {})


@pytest.mark.parametrize("action", ["clean", "move", "copy", "delete", "rename", "ignore"])
def test_what_is_done_to_files_cannot_be_done_to_bulk_mail(tmp_path: Path, action: str) -> None:
    with pytest.raises(ConfigError, match=f"rav/antispam:3: {action} cannot be done for actions"):
        load_rav(write(tmp_path, antispam=f"@s@\naccuracy_low\nactions = {action}\n"), {})


@pytest.mark.parametrize("where", ["", "../elsewhere", "/var/../etc"])
def test_the_quarantine_does_not_climb(tmp_path: Path, where: str) -> None:
    with pytest.raises(ConfigError, match="quarantine_dir is a directory"):
        load_rav(tmp_path, {"quarantine_dir": where})
