"""server_access - check_*_{a,mx,ns}_access: what tables say of the hosts behind a name: its own, its mail's, its DNS's.

OK is forbidden in all of them: whoever owns a name chooses its servers.
"""

from __future__ import annotations

from functools import partial

from harness.gateway.policy.mailhost import Status, addresses, ask, to_ascii
from harness.gateway.policy.restriction import CLIENT, HELO, RECIPIENT, REVERSE_CLIENT, SENDER, View, restriction
from harness.gateway.policy.tablecheck import check_name, check_network
from harness.gateway.policy.verdict import DUNNO, Verdict
from harness.gateway.table import Table
from harness.smtp.hostname import valid_hostaddr, valid_literal


async def _by_client(view: View, table: Table, rtype: str) -> Verdict:
    """The verified client name; skipped when it is unknown."""
    client = view.session.client
    if client.name.lower() == "unknown":
        return DUNNO
    return await _check(view, table, client.name, rtype, client.namaddr, CLIENT, client.name)


async def _by_reverse_client(view: View, table: Table, rtype: str) -> Verdict:
    """The name of the PTR record; skipped when it is unknown."""
    name = view.session.client.reverse_name
    return DUNNO if name.lower() == "unknown" else await _check(view, table, name, rtype, name, REVERSE_CLIENT, name)


async def _by_helo(view: View, table: Table, rtype: str) -> Verdict:
    """The HELO name."""
    name = view.session.helo_name
    return DUNNO if name is None else await _check(view, table, name, rtype, name, HELO, name)


async def _by_sender(view: View, table: Table, rtype: str) -> Verdict:
    """The sender's domain, as received; the null sender is skipped."""
    sender = view.session.sender
    return await _check(view, table, sender, rtype, sender, SENDER, sender) if sender else DUNNO


async def _by_recipient(view: View, table: Table, rtype: str) -> Verdict:
    """The recipient's domain, as received."""
    recipient = view.session.recipient
    return await _check(view, table, recipient, rtype, recipient, RECIPIENT, recipient) if recipient else DUNNO


for _name, _subject, _rtype in (
    ("check_client_a_access", _by_client, "A"),
    ("check_client_mx_access", _by_client, "MX"),
    ("check_client_ns_access", _by_client, "NS"),
    ("check_reverse_client_hostname_a_access", _by_reverse_client, "A"),
    ("check_reverse_client_hostname_mx_access", _by_reverse_client, "MX"),
    ("check_reverse_client_hostname_ns_access", _by_reverse_client, "NS"),
    ("check_helo_a_access", _by_helo, "A"),
    ("check_helo_mx_access", _by_helo, "MX"),
    ("check_helo_ns_access", _by_helo, "NS"),
    ("check_sender_a_access", _by_sender, "A"),
    ("check_sender_mx_access", _by_sender, "MX"),
    ("check_sender_ns_access", _by_sender, "NS"),
    ("check_recipient_a_access", _by_recipient, "A"),
    ("check_recipient_mx_access", _by_recipient, "MX"),
    ("check_recipient_ns_access", _by_recipient, "NS"),
):
    restriction(_name, argument="table")(partial(_subject, rtype=_rtype))


async def _check(
    view: View, table: Table, name: str, rtype: str, reply_name: str, reply_class: str, subject: str
) -> Verdict:
    """Host names first, then their addresses, host by host; the first entry found settles it.

    A literal is its own server.  A domain without MX is its own; one without NS has those of its parents.  Trouble
    with DNS is a warning and DUNNO.  Source: check_server_access in smtpd_check.c.
    """
    domain = name.rpartition("@")[2]
    if domain.startswith("["):
        if rtype == "NS" or not valid_literal(domain):
            return DUNNO
        bare = domain[1:-1]
        bare = bare[5:] if bare.lower().startswith("ipv6:") else bare
        return check_network(view, table, bare, reply_name, reply_class, "forbid", subject) or DUNNO
    if not domain.isascii():
        domain = to_ascii(domain)
    hosts = (domain,) if rtype == "A" else await _servers(view, domain, name, rtype)
    asked = 0
    for host in hosts:
        if valid_hostaddr(host):
            found = check_network(view, table, host, reply_name, reply_class, "forbid", subject)
            if found is not None:
                return found
            continue
        if rtype != "A":
            found = check_name(view, table, host, reply_name, reply_class, "forbid", subject)
            if found is not None:
                return found
        found_addresses, why = await addresses(view, host)
        if why and rtype != "A":
            view.warn(f"Unable to look up {rtype} host {host} for {reply_class} {reply_name}: {why}")
        for address in found_addresses:
            asked += 1
            if asked > view.known.address_limit:
                view.warn(
                    f"check_server_access: {rtype} server address count limit ({view.known.address_limit}) exceeded "
                    f"for {reply_class} {reply_name} -- ignoring the remainder"
                )
                return DUNNO
            found = check_network(view, table, address, reply_name, reply_class, "forbid", subject)
            if found is not None:
                return found
    return DUNNO


async def _servers(view: View, domain: str, name: str, rtype: str) -> tuple[str, ...]:
    reply = await ask(view, domain, rtype)
    if reply.status is Status.NULLMX:
        return ()
    if reply.status is Status.NOTFOUND:
        if rtype == "MX":
            return (domain,)
        while "." in domain and domain.partition(".")[2]:
            domain = domain.partition(".")[2]
            reply = await ask(view, domain, rtype)
            if reply.status is not Status.NOTFOUND:
                break
        else:
            domain = ""
    if reply.status is not Status.OK:
        # Postfix asks h_errno, which says nothing of a reply that was malformed.
        why = "Unknown error 0" if reply.status is Status.INVALID else reply.why
        view.warn(f"Unable to look up {rtype} host for {domain or name}: {why}")
        return ()
    return tuple(record.data for record in reply.records)
