"""scripts - texts that Windows runs: what a script does gives it away under any name; shortcuts as text files."""

from __future__ import annotations

import re
from collections.abc import Iterator

from harness.gateway.content.finding import Finding
from harness.gateway.content.part import Part
from harness.gateway.content.scanner import ScanContext, scanners
from harness.gateway.rule import default_rule

_SCRIPT = re.compile(
    rb"wscript\.(?:shell|network|echo)|createobject\s*\(\s*[\"'](?:wscript|scripting|msxml2|adodb|shell)\.|"
    rb"new\s+activexobject\s*\(|<hta:application|<job\b[^>]{0,200}>\s*<script|"
    rb"powershell(?:\.exe)?[^\r\n]{0,300}\s-(?:e|ec|en|enc|encodedcommand|nop|noprofile|w|windowstyle)\s|"
    rb"\bcertutil(?:\.exe)?\s[^\r\n]{0,200}-decode|\bbitsadmin(?:\.exe)?\s[^\r\n]{0,100}/transfer|"
    rb"\bmshta(?:\.exe)?\s+[\"']?(?:https?|javascript|vbscript):|\bregsvr32(?:\.exe)?\s[^\r\n]{0,200}/i:https?|"
    rb"\.downloadstring\s*\(|\biex\s*\(",
    re.IGNORECASE,
)
_REGISTRY = re.compile(rb"\s{0,20}(?:windows registry editor version 5|regedit4)", re.IGNORECASE)
_ADDRESS = re.compile(
    rb"^[ \t]{0,20}url[ \t]{0,20}=[ \t]{0,20}(?:file:|\\\\|[^\r\n]{0,2000}\.(?:exe|hta|js|vbs|lnk|msi|cmd|bat)\b)",
    re.IGNORECASE | re.MULTILINE,
)
_SHELL_FILE = re.compile(rb"^[ \t]{0,20}(?:iconfile[ \t]*=[ \t]*\\\\|command[ \t]*=)", re.IGNORECASE | re.MULTILINE)
# Texts are read, not run: a letter about PowerShell is a letter.
_READ = frozenset(["txt", "log", "md", "csv", "rst", "asc", "eml"])
_SMALL = 16 * 1024
# One of these words is in whatever the pattern finds; a search for words is many times faster in a large text.
_WORDS = (
    b"wscript.", b"createobject", b"activexobject", b"<hta:", b"<job", b"powershell", b"certutil", b"bitsadmin",
    b"mshta", b"regsvr32", b".downloadstring", b"iex",
)  # fmt: skip


def _promises(data: bytes) -> bool:
    lower = data.lower()
    return any(word in lower for word in _WORDS)


@scanners.register("scripts")
def scripts(part: Part, context: ScanContext) -> Iterator[Finding]:
    """Suspicious.  The text of a mail is left alone, and so is what is called a text."""
    extension = part.name.rpartition(".")[2].lower()
    data = part.data
    if b"\0" in data[:512] or part.type.startswith("message/") or extension in _READ:
        return
    if not part.names and part.type in ("text/plain", "text/html"):
        return
    kind = ""
    if (len(data) <= _SMALL or _promises(data)) and _SCRIPT.search(data):
        kind = "Script.Windows"
    elif _REGISTRY.match(data):
        kind = "Script.Registry"
    elif b"[InternetShortcut]" in data[:512] and _ADDRESS.search(data):
        kind = "Link.Shortcut"
    elif b"[Shell]" in data[:512] and _SHELL_FILE.search(data):
        kind = "Link.ShellCommand"
    if kind:
        yield Finding("suspicious", kind, part.path, default_rule(f"heuristics: {kind}"), part.entity)
