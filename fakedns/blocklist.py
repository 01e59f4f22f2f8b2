"""blocklist - the lines of an rbldnsd data set (ip4set, ip6set, dnset) -> listings in a zone.

    # a comment                     :127.0.0.2:Listed, see http://rbl.test/?$      what follows is listed like this
    192.0.2.7                       198.51.100.0/24 :127.0.0.4:dial-up             2001:db8::7
    spam.test                       .spam.test :2:the domain and all below it      !192.0.2.9 (not listed after all)
"""

from __future__ import annotations

from ipaddress import ip_network
from pathlib import Path

from fakedns.dnsbl import LISTED, declare_list, list_address, list_name, reversed_address
from fakedns.wire import normal_name
from fakedns.zone import Zone, ZoneError


def read_list(zone: Zone, list_zone: str, text: str, file: str = "<list>") -> None:
    """List everything in the text, and the test points of RFC 5782.

    `:A:TXT` alone on a line is the value of the lines after it; `:2:` is short for `:127.0.0.2:`; `$` in the TXT
    stands for what is listed.  Raises ZoneError with file and line.  Source: rbldnsd(8).
    """
    declare_list(zone, list_zone)
    value, taken_back = (LISTED[0], ""), list[str]()
    for number, line in enumerate(text.splitlines(), 1):
        words = line.strip()
        if not words or words[0] in "#;":
            continue
        if words[0] == "$":
            raise ZoneError(f"{words.split()[0]} is not supported", file=file, line=number)
        try:
            if words[0] == ":":
                value = _value(words, value)
                continue
            what, _, rest = words.partition(" ")
            what, rest = (what, rest.strip()) if not what.count("\t") else (what.split("\t")[0], words.split("\t", 1)[1])
            if what[0] == "!":
                taken_back.append(_owner(what[1:]))
                continue
            code, template = _value(rest, value) if rest.startswith(":") else value
            _list(zone, list_zone, what, code, template)
        except ValueError as error:
            raise ZoneError(str(error), file=file, line=number) from None
    for owner in taken_back:  # rbldnsd: an exclusion wins wherever it stands
        zone.remove(f"{owner}.{normal_name(list_zone)}")


def load_list(zone: Zone, list_zone: str, path: Path) -> None:
    """List everything in a file.  Raises ZoneError, also when the file cannot be read. (IO)"""
    try:
        text = path.read_text("utf-8")
    except OSError as error:
        raise ZoneError(error.strerror or str(error), file=str(path)) from None
    except UnicodeDecodeError as error:
        raise ZoneError(f"not UTF-8 text ({error.reason})", file=str(path)) from None
    read_list(zone, list_zone, text, str(path))
