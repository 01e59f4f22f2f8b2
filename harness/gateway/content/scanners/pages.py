"""pages - HTML that does something: frames, scripts, objects, forms for passwords, smuggled files, cloaked links."""

from __future__ import annotations

import html
import re
from collections.abc import Iterator
from urllib.parse import urlsplit

from harness.gateway.content.finding import Finding
from harness.gateway.content.part import Part
from harness.gateway.content.scanner import ScanContext, scanners
from harness.gateway.rule import default_rule

_PAGE = re.compile(rb"<(?:!doctype html|html|head|body|script|iframe|form|a|svg|meta)[\s>]", re.IGNORECASE)
# Only what is linear in the page whatever it holds: a tag ends before the next one begins.
_IFRAME = re.compile(rb"<i?frame[\s/>]", re.IGNORECASE)
_OBJECT = re.compile(rb"<(?:object|embed|applet)[\s/>]", re.IGNORECASE)
_PASSWORD = re.compile(rb"\btype\s{0,9}=\s{0,9}[\"']?password", re.IGNORECASE)
_SCRIPT = re.compile(
    rb"<script[\s/>]|\b(?:java|vb)script:|"
    rb"[\s\"'/]on(?:load|error|click|mouseover|focus)\s{0,9}=\s{0,9}[\"']",
    re.IGNORECASE,
)
_FORM = re.compile(rb"<form[\s>]", re.IGNORECASE)
_OFFERS = re.compile(rb"createobjecturl|mssaveoropenblob|mssaveblob", re.IGNORECASE)
_BUILDS = re.compile(rb"atob\(|new blob|new file\(|fromcharcode|uint8array|data:application/|frombase64", re.IGNORECASE)
_LINK = re.compile(rb"<a\s[^<>]{1,4000}>", re.IGNORECASE)
_LINK_END = re.compile(rb"</a", re.IGNORECASE)
_HREF = re.compile(rb"\bhref\s{0,9}=\s{0,9}(?:\"([^\"]+)|'([^']+)|([^\s\"'>]+))", re.IGNORECASE)
_REFRESH = re.compile(
    rb"http-equiv\s{0,9}=\s{0,9}[\"']?refresh[^<>]{0,300}url\s{0,9}=\s{0,9}(?:data|javascript|file):", re.IGNORECASE
)
_TEXT = 4096  # bytes of a link's text that are looked at
_TAGS = re.compile(rb"<[a-zA-Z/!?][^>]*(?:>|\Z)")
_SHOWN_HOST = re.compile(r"\s*(?:https?://|www\.)([\w.-]+\.[a-z]{2,})(?::\d+)?(?:[/?#]\S*)?\s*", re.IGNORECASE)
_NUMERIC = re.compile(r"(?:\d{1,3}\.){3}\d{1,3}|\d{8,10}|0x[0-9a-f]{8}|\[[0-9a-f:.]+\]", re.IGNORECASE)
_MOST_LINKS = 20_000


@scanners.register("pages")
def pages(part: Part, context: ScanContext) -> Iterator[Finding]:
    """Suspicious.  A script counts in what a mail shows as its text; in an attached page only what it does counts."""
    data = part.data
    if part.type not in ("text/html", "application/xhtml+xml", "image/svg+xml") and not _PAGE.search(data[:4096]):
        return
    shown = part.type == "text/html" and not part.names
    kinds: dict[str, str] = {}
    if _IFRAME.search(data):
        kinds["Html.Iframe"] = ""
    if _OBJECT.search(data):
        kinds["Html.Object"] = ""
    if _FORM.search(data) and _PASSWORD.search(data):
        kinds["Html.Form"] = "asks for a password"
    picture = part.type == "image/svg+xml" or part.name.lower().endswith((".svg", ".svgz"))
    if (shown or picture) and _SCRIPT.search(data):  # a picture has no business with scripts
        kinds["Html.Script"] = ""
    if _OFFERS.search(data) and _BUILDS.search(data):
        kinds["Html.Smuggling"] = "a script builds a file and offers it"
    if _REFRESH.search(data):
        kinds["Html.Refresh"] = ""
    if cloaked := next(_cloaked(data), ""):
        kinds["Link.Cloaked"] = cloaked
    for kind, detail in kinds.items():
        yield Finding("suspicious", kind, part.path, default_rule(f"heuristics: {kind}"), part.entity, detail=detail)


def _cloaked(data: bytes) -> Iterator[str]:
    """`shown -> real` of each link whose text names another host than its address, or a number for a host."""
    for number, tag in enumerate(_LINK.finditer(data)):
        if number >= _MOST_LINKS:
            return
        target = _HREF.search(tag[0])
        end = _LINK_END.search(data, tag.end(), tag.end() + _TEXT)
        if target is None or end is None:
            continue
        address = html.unescape((target[1] or target[2] or target[3]).decode("utf-8", "replace")).strip()
        text = html.unescape(_TAGS.sub(b"", data[tag.end() : end.start()]).decode("utf-8", "replace"))
        shown = _SHOWN_HOST.fullmatch(text)
        host = host_of(address)
        if shown and host and (_NUMERIC.fullmatch(host) or _owner(shown[1]) != _owner(host)):
            yield f"{shown[1]} -> {host}"[:200]


def host_of(address: str) -> str:
    """The host of a web address, "" for what has none."""
    try:
        parts = urlsplit(address)
        return (parts.hostname or "") if parts.scheme in ("http", "https", "ftp") else ""
    except ValueError:
        return ""


def _owner(host: str) -> str:
    """What a host belongs to, as far as its last labels tell; three where the last two are short (co.uk)."""
    labels = host.lower().strip(".").split(".")
    short = len(labels) > 2 and len(labels[-1]) == 2 and len(labels[-2]) <= 3
    return ".".join(labels[-3:] if short else labels[-2:])
