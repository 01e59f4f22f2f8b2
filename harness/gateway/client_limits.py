"""client_limits - how much one client may want: the smtpd_client_*_limit parameters, judged by what anvil counted."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from harness.gateway.anvil import Anvil, Counted
from harness.gateway.matchlist import MatchList
from harness.gateway.session import Client
from harness.gateway.settings import Settings
from harness.gateway.table import TableError

_CALLED: dict[Counted, str] = {
    "connection": "Connection rate",
    "mail": "Message delivery request rate",
    "recipient": "Recipient address rate",
    "auth": "AUTH request rate",
    "tls": "New TLS session rate",
}


@dataclass(frozen=True)
class ClientLimits:
    """0 is no limit.  `exceptions` (smtpd_client_event_limit_exceptions): clients that are not counted."""

    connections: int
    rates: dict[Counted, int]
    exceptions: MatchList

    def too_many_connections(self, anvil: Anvil, client: Client, warn: Callable[[str], None]) -> bool | None:
        """Count a connection; None when this one is not counted, and is not to be counted down at its end."""
        limit = self.rates["connection"]
        if not (self.connections or any(self.rates.values())) or self._is_excepted(client):
            return None
        count, rate = anvil.connect(client.address)
        if 0 < self.connections < count:
            warn(_exceeded("Connection concurrency", count, client))
            return True
        if 0 < limit < rate:
            warn(_exceeded(_CALLED["connection"], rate, client))
            return True
        return False

    def too_much(self, event: Counted, anvil: Anvil, client: Client, warn: Callable[[str], None]) -> bool:
        """Count one more of these events; True, and warned about, when this client had enough of them."""
        limit = self.rates[event]
        if not limit or self._is_excepted(client):
            return False
        rate = anvil.count(client.address, event)
        if rate > limit:
            warn(_exceeded(_CALLED[event], rate, client))
        return rate > limit

    def _is_excepted(self, client: Client) -> bool:
        try:
            return self.exceptions.matches(client.name, client.address)
        except TableError:
            return False


def client_limits(settings: Settings) -> ClientLimits:
    """The limits that main.cf sets.  Raises ConfigError."""
    number = settings.number
    return ClientLimits(
        number("smtpd_client_connection_count_limit"),
        {
            "connection": number("smtpd_client_connection_rate_limit"),
            "mail": number("smtpd_client_message_rate_limit"),
            "recipient": number("smtpd_client_recipient_rate_limit"),
            "auth": number("smtpd_client_auth_rate_limit"),
            "tls": number("smtpd_client_new_tls_session_rate_limit"),
        },
        settings.address_list("smtpd_client_event_limit_exceptions"),
    )


def _exceeded(what: str, count: int, client: Client) -> str:
    return f"{what} limit exceeded: {count} from {client.namaddr} for service smtp"
