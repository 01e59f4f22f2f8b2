"""direct - play a script against a gateway in direct mode: the player of the wire, with function calls for a socket."""

from __future__ import annotations

from fakedns import Faults
from harness.gateway.direct import LOOPBACK, DirectGateway, DirectSession
from harness.gateway.dns import Resolver
from harness.gateway.session import Client, NameStatus
from harness.gateway.smtp_client import NO_UTF8, Manners, Sent
from harness.observation import Delivery
from harness.replay.client import Replayed
from harness.replay.hop_script import HopScript
from harness.replay.identity import Identity
from harness.replay.player import Connect, Done, Drop, Finish, Player, Read, Write
from harness.replay.script import Script
from harness.replay.sink import queue_id
from harness.replay.step import DnsFault
from harness.scenario import HopMoment, HopRule
from harness.smtp.address import quote_address
from harness.smtp.reply import Reply, parse_reply, reply
from harness.smtp.xclient import TEMPUNAVAIL, UNAVAILABLE

_APART = 1 << 20  # what lies between the ports of two connections of one session: no other session has these
_END = "sending end of data -- message may be sent more than once"
_GONE = {UNAVAILABLE: NameStatus.PERMANENT, "unknown": NameStatus.PERMANENT, TEMPUNAVAIL: NameStatus.TEMPORARY}


def replay_direct(
    script: Script,
    gateway: DirectGateway,
    identity: Identity,
    port: int,
    dns: Resolver | None = None,
    faults: Faults | None = None,
) -> Replayed:
    """Play one script; `port` tells this session from others.  Waiting takes no time, so nothing is ever late."""
    player, received, ports = Player(script), bytearray(), [port]
    session, fresh = _opened(gateway, identity, port, dns)
    while not isinstance(action := player.next_action(), Done):
        match action:
            case Write(data):
                if not session.closing:
                    fresh += session.receive(data)
            case Read(seconds):
                fresh = fresh or session.idle(seconds)
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
                fresh = b""  # what is on its way to us is lost
            case Connect():
                session.close()
                received += fresh
                ports.append(port + len(ports) * _APART)
                session, fresh = _opened(gateway, identity, ports[-1], dns)
            case DnsFault(name, on) if faults is not None:
                faults.turn(name, on)
            case _:
                pass
    received += fresh
    session.close()
    local, *others = [(_home(identity), one) for one in ports]
    return Replayed(
        tuple(player.exchanges), bytes(received), player.hung_up, "", tuple(player.failures), 0.0, local,
        others=tuple(others),
    )  # fmt: skip


def _home(identity: Identity) -> str:
    """Where the connection comes from, as over the wire: only who speaks XCLIENT comes from elsewhere."""
    return LOOPBACK if identity.via == "xclient" else "127.0.0.1"


def _opened(gateway: DirectGateway, identity: Identity, port: int, dns: Resolver | None) -> tuple[DirectSession, bytes]:
    """A connection, introduced, and what the gateway has said so far."""
    named = identity.via == "xclient"
    session = gateway.open(
        client_of(identity, port) if named else Client(_home(identity)),  # or the proxy that connects for it
        port=port, dns=dns, named=named,
    )  # fmt: skip
    session.smtpd.junk = int(named)  # over the wire there is an EHLO before XCLIENT
    if identity.login is not None:
        session.session.sasl_username, session.session.sasl_method = identity.login, "XCLIENT"
    fresh = session.greet()
    if identity.via in ("proxy", "proxy-v2"):
        fresh = session.receive(identity.proxy(("127.0.0.1", 25), port)) or fresh
    return session, fresh


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
    """The next hop of direct mode: keeps what it is given and fails as its script says, with the words of Sink."""

    takes_all = False

    def __init__(self, script: HopScript | None = None) -> None:
        self.script = script or HopScript()
        self.deliveries: list[Delivery] = []

    def send(
        self, host: str, how: Manners, sender: str, recipients: list[str], data: bytes, *, utf8: bool = False
    ) -> Sent:
        """As one transaction with aiosmtpd would go.  Whatever is late is in time: waiting takes none."""
        answers: dict[str, tuple[Reply, str]] = {}
        name = host.rpartition(":")[0]
        try:
            soft = self._transaction(how, sender, recipients, data, answers, utf8)
        except _Broken as broken:
            return Sent(answers, lost=(broken.status, broken.text.format(name)))
        return Sent(answers, soft=soft)

    def _transaction(
        self,
        how: Manners,
        sender: str,
        recipients: list[str],
        data: bytes,
        answers: dict[str, tuple[Reply, str]],
        utf8: bool,
    ) -> bool:
        """Fill in what each recipient gets; True where the greeting was no final word (smtp_skip_5xx_greeting)."""
        no = self._no("connect", "receiving the initial server greeting")
        command = "initial server greeting"
        soft = no is not None
        if no is None and (hi := self._no("ehlo", "performing the EHLO handshake")) is not None:
            no = hi if hi.code == 421 else self._no("helo", "performing the HELO handshake")
            command = "HELO"
            if no is None and utf8:  # who knows no EHLO offers nothing
                raise _Broken("5.6.7", NO_UTF8)
        if no is None and how.tls not in ("", "none", "may"):
            self._require_tls()
        if no is None:
            no, command = self._no("mail", "sending MAIL FROM", sender), "MAIL FROM"
        for recipient in recipients if no is None else ():
            if (refused := self._no("rcpt", "sending RCPT TO", sender, (recipient,))) is not None:
                answers[recipient] = (refused, "RCPT TO")
        accepted = tuple(recipient for recipient in recipients if recipient not in answers)
        if no is None and accepted:
            no, command = self._no("data", "sending DATA command", sender, accepted), "DATA"
        if no is not None or not accepted:
            answers.update((recipient, (no, command)) for recipient in accepted if no is not None)
            return soft
        _break(self.script.at("content", sender, accepted), _END)
        rule = self.script.at("end_of_data", sender, accepted)
        kept = None
        if rule is None or rule.taken or (rule.reply is None and not _breaks(rule)):
            content, shown = data.replace(b"\n", b"\r\n"), tuple(quote_address(one) for one in accepted)
            self.deliveries.append(Delivery(queue_id(content), quote_address(sender), shown, content, "127.0.0.1"))
            kept = reply(250, "2.0.0", f"Ok: kept as {len(self.deliveries)}")
        _break(rule, _END)
        end = kept if rule is None or rule.reply is None else parse_reply([rule.reply])
        assert end is not None
        answers.update(dict.fromkeys(accepted, (end, "end of DATA")))
        return False

    def _require_tls(self) -> None:
        if not self.script.offers("starttls"):
            raise _Broken("4.7.4", "TLS is required, but was not offered by host {}")
        if (no := self._no("starttls", "performing the EHLO handshake")) is None:
            raise _Broken("4.7.5", "Cannot start TLS: handshake failure")
        raise _Broken(no.status or "4.7.4", f"TLS is required, but host {{}} refused to start TLS: {no}")

    def _no(self, moment: HopMoment, doing: str, sender: str = "", recipients: tuple[str, ...] = ()) -> Reply | None:
        rule = self.script.at(moment, quote_address(sender), map(quote_address, recipients))
        _break(rule, doing)
        answer = None if rule is None or rule.reply is None else parse_reply([rule.reply])
        return None if answer is None or answer.code < 400 else answer


class _Broken(Exception):
    """The transaction ends here, and what has no answer is tried again: why, with {} for the next hop's name."""

    def __init__(self, status: str, text: str) -> None:
        self.status, self.text = status, text


def _breaks(rule: HopRule) -> bool:
    return rule.drop is not None or rule.half_close or rule.silence


def _break(rule: HopRule | None, doing: str) -> None:
    if rule is not None and _breaks(rule):
        how = "conversation with {} timed out" if rule.silence else "lost connection with {}"
        raise _Broken("4.4.2", f"{how} while {doing}")
