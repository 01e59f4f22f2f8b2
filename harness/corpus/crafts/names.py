"""names - file names as headers can spell them: pieces, percent signs, encoded words, two names for one file."""

from __future__ import annotations

from harness.corpus.craft import TEXT, crafts, encoded, mixed

_OCTETS = b"Content-Type: application/octet-stream"
_SPELLINGS: dict[str, bytes] = {
    "name_rfc2231": _OCTETS + b"\r\nContent-Disposition: attachment; filename*0*=utf-8''invoice.pdf; filename*1=.exe",
    "name_rfc2231_shuffled": _OCTETS + b"\r\nContent-Disposition: attachment; filename*1=.exe; filename*0=invoice.pdf",
    "name_percent": _OCTETS + b"\r\nContent-Disposition: attachment; filename*=utf-8''invoice.pdf%2Eexe",
    "name_rfc2047": _OCTETS + b"; name==?utf-8?B?aW52b2ljZS5wZGYuZXhl?=\r\nContent-Disposition: attachment",
    "name_rfc2047_quoted": _OCTETS + b'; name="=?utf-8?Q?invoice=2Epdf=2Eexe?="\r\nContent-Disposition: attachment',
    "name_against_filename": _OCTETS + b"; name=invoice.txt\r\nContent-Disposition: attachment; filename=invoice.exe",
    "name_filename_swapped": _OCTETS + b"; filename=invoice.exe\r\nContent-Disposition: attachment; name=invoice.exe",
    "name_nul": _OCTETS + b'; name="invoice.exe%00.txt"\r\nContent-Disposition: attachment',
    "name_bidi": _OCTETS + b"\r\nContent-Disposition: attachment; filename*=utf-8''annex%E2%80%AEfdp.exe",
    "name_unquoted_blanks": _OCTETS + b"; name=invoice.exe and more.txt\r\nContent-Disposition: attachment",
    "name_rfc2231_text": _OCTETS + b"\r\nContent-Disposition: attachment; filename*0*=utf-8''invoice; filename*1=.pdf",
    "name_rfc2047_text": _OCTETS + b"; name==?utf-8?B?aW52b2ljZS5wZGY=?=\r\nContent-Disposition: attachment",
}


def _register(word: str, head: bytes) -> None:
    @crafts.register(word)
    def made(content: bytes) -> bytes:
        return mixed(TEXT, head + b"\r\nContent-Transfer-Encoding: base64\r\n\r\n" + encoded(content))


for _word, _head in _SPELLINGS.items():
    _register(_word, _head)
