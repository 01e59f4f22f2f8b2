"""fakedns - a DNS server for tests: zones, blocklists, faults on command, and a log of what was asked.

zone = parse_zone("ok.test. MX 10 mail.ok.test.")
list_address(zone, "rbl.test", "192.0.2.7", text="open relay")
server = FakeDns(Responder(zone, [Fault("*.slow.test", "any", Delay(1.5))]))
host, port = await server.start()
"""

from fakedns.dnsbl import declare_list, list_address, list_name, reversed_address, test_points
from fakedns.fault import Action, Answer, Delay, Fault, Faults, Forged, NoEdns, Rcode, Silence, Truncate, WrongId
from fakedns.listfile import load_list, mount_list
from fakedns.querylog import Asked, QueryLog
from fakedns.record import Record
from fakedns.responder import Responder, Response
from fakedns.server import FakeDns
from fakedns.zone import Found, Looped, Missing, Outside, Zone, ZoneError
from fakedns.zonefile import load_zone, parse_zone

__all__ = [
    "Action", "Answer", "Asked", "Delay", "FakeDns", "Fault", "Faults", "Forged", "Found", "Looped", "Missing",
    "NoEdns", "Outside", "QueryLog", "Rcode", "Record", "Responder", "Response", "Silence", "Truncate", "WrongId",
    "Zone", "ZoneError", "declare_list", "list_address", "list_name", "load_list", "load_zone", "mount_list",
    "parse_zone", "reversed_address", "test_points",
]  # fmt: skip
