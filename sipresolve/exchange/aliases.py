"""Where CNAME and DNAME records lead: from the name of a question to the name that has the records.

The order of the records in a message does not matter, and only those on the way count.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from attrs import evolve, frozen

from sipresolve.exchange.replies import Alias, prefix_below
from sipresolve.vocabulary.names import MOST_ALIASES, ROOT, can_exist

if TYPE_CHECKING:
    from sipresolve.exchange.replies import Reply

__all__ = ["MOST_ALIASES", "Trail", "follow"]


@frozen
class Trail:
    """How far the aliases of a question have been followed.

    Attributes:
        name: The name of the question.
        aliases: The names that they led through, in order.
        ttl: The least of their TTLs; None without any.
        fault: Why they cannot be followed further, for a person; empty where they can.
        loop: Whether that is because they lead in a circle or never end.
    """

    name: str
    aliases: tuple[str, ...] = ()
    ttl: int | None = None
    fault: str = ""
    loop: bool = False

    @property
    def end(self) -> str:
        """The name that has the records, or lacks them (RFC 2308 §2.1)."""
        return self.aliases[-1] if self.aliases else self.name

    def least(self, ttl: int) -> int:
        """The TTL of records at the end of the trail: theirs, or less where an alias has less."""
        return ttl if self.ttl is None else min(ttl, self.ttl)


def follow(trail: Trail, reply: Reply) -> Trail:
    """Follow the aliases of a reply from the end of the trail, up to the wanted records."""
    while not trail.fault and trail.end not in reply.records:
        alias = _alias_of(trail.end, reply)
        if alias is None:
            break
        trail = _led_through(trail, alias)
    return trail


def _alias_of(name: str, reply: Reply) -> Alias | None:
    """The alias at a name.

    A DNAME above it comes first: no name can exist below one, so a CNAME there is made from it,
    and may have a TTL of 0 for the sake of old resolvers (RFC 6672).
    """
    prefixes = {owner: prefix_below(name, owner) for owner in reply.dnames}
    above = [owner for owner, prefix in prefixes.items() if prefix is not None]
    if not above:
        return reply.cnames.get(name)
    owner = max(above, key=len)
    dname = reply.dnames[owner]
    target = prefixes[owner] if dname.target == ROOT else f"{prefixes[owner]}.{dname.target}"
    return Alias(str(target), dname.ttl)


def _led_through(trail: Trail, alias: Alias) -> Trail:
    """The trail with one more alias, or with the reason why there can be none."""
    way = " -> ".join((trail.name, *trail.aliases, alias.target))
    if not can_exist(alias.target):
        return evolve(trail, fault=f"an alias is longer than a name may be: {way}")
    if alias.target in (trail.name, *trail.aliases):
        return evolve(trail, fault=f"aliases lead in a circle: {way}", loop=True)
    if len(trail.aliases) == MOST_ALIASES:
        return evolve(trail, fault=f"more than {MOST_ALIASES} aliases: {way}", loop=True)
    return evolve(trail, aliases=(*trail.aliases, alias.target), ttl=trail.least(alias.ttl))
