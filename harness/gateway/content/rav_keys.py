"""rav_keys - the keys of RAV's files: where each may stand, what holds per group, and what each class takes."""

from __future__ import annotations

from harness.gateway.content.budget import Limits

# What may be done with each class (the boxes that RAV's own configurator offered).
_FILE = ("clean", "move", "copy", "delete", "rename", "ignore", "reject", "discard")
LEGAL: dict[str, tuple[str, ...]] = {
    "act_for_infected_files": _FILE,
    "act_for_suspicious_files": _FILE[1:],
    "act_for_unscannable_files": _FILE[1:],
    "act_for_filter_subject": ("copy", "ignore", "reject", "discard"),
    "act_for_filter_attachment": ("move", "copy", "delete", "rename", "ignore", "reject", "discard"),
    "act_for_filter_content": ("move", "copy", "delete", "ignore", "reject", "discard"),
    "actions": ("save", "embed", "add_header", "add_subject", "forward", "deliver", "reject", "discard"),
}
ACTIONS = sorted({action for legal in LEGAL.values() for action in legal})

CHAINS: dict[str, tuple[str, ...]] = {
    "act_for_infected_files": ("clean", "delete", "reject"),
    "act_for_suspicious_files": ("move", "reject"),
    "act_for_unscannable_files": ("copy", "reject"),
    "act_for_filter_subject": ("reject",),
    "act_for_filter_attachment": ("reject",),
    "act_for_filter_content": ("reject",),
}
"""Setting -> its chain where nobody has written one."""

FILTERS = ("filter_subject", "filter_attachment", "filter_content")
PARTIES = ("sender", "receiver", "administrator")
LEVELS = ("accuracy_low", "accuracy_medium", "accuracy_high", "accuracy_very_high")
LIMITS = tuple(Limits.__dataclass_fields__)

_LISTS = ("wbl_accept", "wbl_reject", "rbl_site", "rbl_reply")
GROUP_KEYS = (
    *CHAINS, *FILTERS, *_LISTS, *(f"warn_{party}" for party in PARTIES), "members", "antispam_configuration",
    "administrator", "language", "heuristics", "banned_extensions", "stamp",
)  # fmt: skip
SERVER_KEYS = (
    *LIMITS, "mode", "include", "rbl_timeout_s", "max_quarantine_bytes", "quarantine_dir", "notices_per_hour", "clamd",
    "clamd_timeout_s", "clamd_failure",
)  # fmt: skip
"""One mail is received, unpacked and stored once, whoever it is for: these hold for the whole server."""

ANTISPAM_KEYS = (
    "extra_header", "extra_subject", "embedded_msg", "actions", "quarantine", "forward_to", *LEVELS,
)  # fmt: skip
APPENDING = frozenset({"rbl_site", "wbl_accept", "wbl_reject", "members", "include", *FILTERS})
"""A list key given twice grows; any other is an error the second time."""

FILES: dict[str, tuple[str, ...]] = {
    "global": (*GROUP_KEYS, *SERVER_KEYS),
    "groups": (*GROUP_KEYS, *SERVER_KEYS),
    "actions": tuple(CHAINS),
    "rbl_settings": (*_LISTS, "rbl_timeout_s"),
}
DEFINITIONS = ("define_actions", "define_strings", "define_regexps")
"""Sections whose keys are names of the administrator's own, referred to by other lines of any file."""

_RUNS = (
    "ade adp app appref-ms application bas bat cdxml chm cmd com cpl desklink diagcab dll drv exe gadget hlp hta "
    "inf ini ins iqy isp jar jnlp job js jse library-ms lnk mapimail mdb mde msc msh msi msp mst ocx oqy pcd pif "
    "ps1 ps1xml psc1 pyw rdp reg rqy scf scr sct search-ms settingcontent-ms shb shm shs slk theme udl url vb vbe "
    "vbs vhd vhdx vxd website wll wsb wsc wsf wsh xbap xll"
)
BANNED = frozenset(_RUNS.split())
"""The extensions of what Windows runs, installs or obeys when it is opened."""
