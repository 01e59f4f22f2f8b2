"""grammar - draw a whole case: a configuration, the DNS around it, and sessions that meet both."""

from __future__ import annotations

from collections.abc import Sequence

from hypothesis import strategies as st

from harness.fuzz.case import Case
from harness.fuzz.draw import Draw, chance
from harness.fuzz.element import draw_lists
from harness.fuzz.parameter import draw_parameters
from harness.fuzz.policy import draw_policy
from harness.fuzz.session import draw_visit
from harness.fuzz.table import Files
from harness.fuzz.vocabulary import CLIENTS, INTRODUCER
from harness.fuzz.world import draw_replies, draw_world


@st.composite
def cases(draw: Draw, sessions: int, words: Sequence[str] = ()) -> Case:
    """A configuration with so many sessions, and with these words somewhere in its lists.

    One in five refuses nothing but relaying, so that content is read.
    """
    files = Files()
    world = draw_world(draw)
    is_open = chance(draw, 20)
    lists = {} if is_open else draw_lists(draw, files, words)
    parameters = draw_parameters(draw, files, is_open)
    # After HANGUP the replies to what came in the same write are lost: how many, is a matter of buffers.
    policy = tuple(draw_policy(draw)) if "private/policy" in f"{lists}" else ()
    pipelining = "hangup" not in f"{lists} {parameters} {files.lines} {policy}".lower()
    # Without IPv6, XCLIENT takes no such address, and the conversation is over before it has begun.
    clients = [one for one in CLIENTS if parameters.get("inet_protocols") != "ipv4" or ":" not in one]
    logins = 12
    if any("sasl" in word or "login" in word for word in words):
        parameters["smtpd_sasl_auth_enable"], logins = "yes", 60
    if parameters.get("smtpd_delay_reject") == "no" and (list_ := lists.get("smtpd_client_restrictions")):
        # Whoever is refused by the greeting cannot say who else he is.
        lists["smtpd_client_restrictions"] = f"check_client_access inline:{{{INTRODUCER}=OK}}, {list_}"
    if parameters.get("smtpd_delay_reject") == "no" and (list_ := lists.get("smtpd_helo_restrictions")):
        lists["smtpd_helo_restrictions"] = f"check_helo_access inline:{{xclient.localdomain=OK}}, {list_}"
    visits = tuple(draw_visit(draw, number, pipelining, clients, logins) for number in range(1, sessions + 1))
    return Case(
        {**parameters, **lists}, files.lines, world.zone, world.rbl, world.faults, visits, policy, draw_replies(draw)
    )
