"""direct - play a script against a gateway in direct mode: the player of the wire, with function calls for a socket."""

from __future__ import annotations

from collections.abc import Mapping

from harness.gateway.direct import LOOPBACK, DirectGateway
from harness.gateway.dns import Resolver
from harness.gateway.session import Client, NameStatus
from harness.gateway.smtp_client import Sent
from harness.observation import Delivery
from harness.replay.client import Replayed
from harness.replay.identity import Identity
from harness.replay.player import Done, Drop, Finish, Pause, Player, Read, Write
from harness.replay.script import Script
from harness.replay.sink import queue_id
from harness.smtp.address import quote_address
from harness.smtp.reply import Reply, parse_reply, reply
from harness.smtp.xclient import TEMPUNAVAIL, UNAVAILABLE

_GONE = {UNAVAILABLE: NameStatus.PERMANENT, "unknown": NameStatus.PERMANENT, TEMPUNAVAIL: NameStatus.TEMPORARY}


def replay_direct(
    script: Script, gateway: DirectGateway, identity: Identity, port: int, dns: Resolver | None = None
) -> Replayed:
    """Play one script; `port` tells this session from others.  Waiting takes no time, so nothing is ever late."""
    player, received = Player(script), bytearray()
    named = identity.via == "xclient"
    session = gateway.open(
        client_of(identity, port) if named else Client(LOOPBACK),  # behind a proxy, it is the proxy that connects
        port=port, dns=dns, named=named,
    )  # fmt: skip
    if identity.login is not None:
        session.session.sasl_username, session.session.sasl_method = identity.login, "XCLIENT"
    fresh = session.greet()
    if identity.via in ("proxy", "proxy-v2"):
        fresh = session.receive(identity.proxy(("127.0.0.1", 25), port)) or fresh
    while not isinstance(action := player.next_action(), Done):
        match action:
            case Write(data):
                if not session.closing:
                    fresh += session.receive(data)
            case Read():
                if fresh:
                    received += fresh
                    player.receive(fresh)
                    fresh = b""
                elif session.closing:
                    player.closed()
                else:
                    player.timed_out()
            case Finish():
                fresh += session.receive(b"")
            case Drop():
                session.close()
            case Pause():
                pass
    received += fresh
    session.close()
    closed = player.hung_up
    return Replayed(tuple(player.exchanges), bytes(received), closed, "", tuple(player.failures), 0.0, (LOOPBACK, port))


def client_of(identity: Identity, port: int) -> Client:
    """The client as XCLIENT would have introduced it."""
    gone, reverse_gone = _GONE.get(identity.name), _GONE.get(identity.reverse_name)
    return Client(
        identity.address,
        str(identity.port or port),
        "unknown" if gone else identity.name,
        gone or NameStatus.OK,
        "unknown" if reverse_gone else identity.reverse_name,
        reverse_gone or NameStatus.OK,
    )


class MemoryHop:
    """The next hop of direct mode: keeps what it is given and refuses what it is told to, with the words of Sink."""

    def __init__(self, replies: Mapping[str, str] | None = None) -> None:
        self.replies = {key.lower(): parse_reply([text]) for key, text in (replies or {}).items()}
        self.deliveries: list[Delivery] = []

    def send(self, nexthop: str, hello: str, sender: str, recipients: list[str], data: bytes) -> Sent:
        """As one transaction with aiosmtpd would go."""
        if (no := self._instead("mail", quote_address(sender))) is not None and no.code >= 400:
            return Sent(dict.fromkeys(recipients, (no, "MAIL FROM")))
        answers: dict[str, tuple[Reply, str]] = {}
        for recipient in recipients:
            no = self._instead("rcpt", quote_address(recipient))
            if no is not None and no.code >= 400:
                answers[recipient] = (no, "RCPT TO")
        accepted = [recipient for recipient in recipients if recipient not in answers]
        if not accepted:
            return Sent(answers)
        if (no := self._instead("data", "")) is not None and no.code >= 400:
            answers.update(dict.fromkeys(accepted, (no, "DATA")))
            return Sent(answers)
        end = self._instead("end-of-data", "")
        if end is None:
            content, shown = data.replace(b"\n", b"\r\n"), tuple(quote_address(one) for one in accepted)
            self.deliveries.append(Delivery(queue_id(content), quote_address(sender), shown, content, "127.0.0.1"))
            end = reply(250, "2.0.0", f"Ok: kept as {len(self.deliveries)}")
        answers.update(dict.fromkeys(accepted, (end, "end of DATA")))
        return Sent(answers)

    def _instead(self, verb: str, argument: str) -> Reply | None:
        return self.replies.get(f"{verb} {argument}".strip()) or self.replies.get(verb)
