"""unlisted - is an address known here, as far as canonical, alias and recipient maps can tell?"""

from __future__ import annotations

from harness.gateway.policy.access import fix_status, split_status, tell_fix
from harness.gateway.policy.restriction import SENDER, SERVER_ERROR, View, lookup_failure
from harness.gateway.policy.verdict import DUNNO, Dunno, Reject
from harness.gateway.table import TableError

_CLASS_MAPS = {
    "local": ("local_recipient_maps", " in local recipient table"),
    "virtual": ("virtual_mailbox_maps", " in virtual mailbox table"),
    "relay": ("relay_recipient_maps", " in relay recipient table"),
}

_ALWAYS_KNOWN = ("double-bounce", "postmaster", "mailer-daemon")


def unlisted(view: View, address: str, reply_class: str) -> Dunno | Reject:
    """Refuse an address of ours that no table lists.

    Reply: 550 5.1.1 (5.1.0 for senders) User unknown in ... table; error: and retry: transports give their own text.
    An empty map of the address class means every address is known.  Source: check_rcpt_maps in smtpd_check.c.
    """
    known, session = view.known, view.session
    if not known.checks_unlisted:
        return DUNNO
    sender = reply_class == SENDER
    resolved = known.resolve(address, session.recipient if sender else session.sender)
    if resolved.failed:
        return lookup_failure(address)
    detail = "1.0" if sender else "1.1"
    prefix = f"<{address}>: {reply_class} rejected: "
    try:
        for name in known.rewriting_maps:
            if (sender or name != "sender_canonical_maps") and known.in_map(name, resolved.recipient):
                return DUNNO
        if resolved.transport in ("error", "retry"):
            status, text = split_status(resolved.nexthop, detail)
            code = 550 if resolved.transport == "error" else 450
            if resolved.transport == "error" and resolved.address_class == "alias":
                code = known.unknown_recipient_codes["alias"]
            fixed = tell_fix(view, resolved.nexthop, status, fix_status(status, reply_class), reply_class)
            return Reject(code, fixed, prefix + text)
        address_class = resolved.address_class
        if address_class not in _CLASS_MAPS:
            return DUNNO
        map_name, where = _CLASS_MAPS[address_class]
        if not known.maps[map_name]:
            return DUNNO
        if address_class == "local" and resolved.recipient.rpartition("@")[0] in _ALWAYS_KNOWN:
            return DUNNO
        if address_class == "relay" and known.compatible_domains:
            view.inform(
                "using backwards-compatible default setting relay_domains=$mydestination to accept mail "
                f'for address "{address}"'
            )
        if known.in_map(map_name, resolved.recipient):
            return DUNNO
    except TableError as error:
        view.warn(str(error))
        return lookup_failure(address) if error_is_temporary(error) else SERVER_ERROR
    text = f"{prefix}User unknown{where if known.show_table else ''}"
    return Reject(known.unknown_recipient_codes[address_class], detail, text)


def error_is_temporary(error: TableError) -> bool:
    """Did the table fail in a way that may pass (dict retry), rather than by a mistake in its configuration?"""
    return bool(getattr(error, "temporary", True))
