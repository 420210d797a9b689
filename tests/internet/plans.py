"""How the zones of an internet are planned, and made: keys, then zones, then what goes wrong."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any, Final, TypeAlias

import dns.name
from attrs import field, frozen
from internet.flaws import Scene
from internet.signing import Denial, Key, Nsec, SignedZone, digest_of, make_key, make_twins, name_of

if TYPE_CHECKING:
    from collections.abc import Callable, Container, Iterable, Mapping

    from dns.name import Name
    from dns.rdtypes.ANY.DS import DS
    from internet.flaws import Flaw

__all__ = [
    "CSK",
    "NAMES",
    "NO_DS",
    "P256",
    "SIP",
    "SPLIT",
    "UNSIGNED",
    "Keys",
    "Plan",
    "as_text",
    "built",
    "csk",
    "ds",
    "here",
    "keys_of",
    "odd",
    "split",
    "twins",
    "zsk",
]

P256: Final = 13

#: What a domain of SIP has: one service, one server.
SIP: Final = """
@ NAPTR 10 10 "s" "SIP+D2U" "" _sip._udp
_sip._udp SRV 10 10 5060 gw
gw A 192.0.2.1
gw AAAA 2001:db8::1
"""

#: Names that are there, that are between, and that any name below a wildcard has.
NAMES: Final = (
    SIP
    + """
a.between A 192.0.2.2
*.any A 192.0.2.3
*.any NAPTR 10 10 "s" "SIP+D2U" "" _sip._udp
deep.but.any A 192.0.2.4
"""
)

_APEX: Final = """
@ SOA ns hostmaster 1 3600 900 604800 300
@ NS ns
ns A 127.0.0.1
"""

_DELEGATION: Final = """
{child} NS ns.{child}
ns.{child} A 127.0.0.1
"""

#: How keys of a zone are made.
KeyPlan: TypeAlias = "Callable[[], tuple[Key, ...]]"

#: The DS records of a zone.
DsPlan: TypeAlias = "Callable[[Name, tuple[Key, ...]], Iterable[DS]]"

Keys: TypeAlias = "Mapping[Name, tuple[Key, ...]]"


def csk(algorithm: int = P256, **fields: Any) -> KeyPlan:
    """One key for everything, or the one for the keys."""
    return _one(algorithm, {"flags": 257} | fields)


def zsk(algorithm: int = P256, **fields: Any) -> KeyPlan:
    """A key for everything but the keys."""
    return _one(algorithm, {"flags": 256} | fields)


def _one(algorithm: int, fields: dict[str, Any]) -> KeyPlan:
    def plan() -> tuple[Key, ...]:
        return (make_key(algorithm, **fields),)

    return plan


def twins(flags: int) -> KeyPlan:
    """Two keys with the same key tag."""
    return partial(make_twins, flags)


def split(algorithm: int) -> tuple[KeyPlan, ...]:
    """A key for the keys, and one for the rest."""
    return csk(algorithm), zsk(algorithm)


SPLIT: Final = split(P256)
CSK: Final = (csk(P256),)
UNSIGNED: Final[tuple[KeyPlan, ...]] = ()


def ds(kind: int = 2, *, key: int = 0, **fields: Any) -> DsPlan:
    """A digest of a key, by its number in the zone; fields as they are given."""

    def plan(zone: Name, keys: tuple[Key, ...]) -> Iterable[DS]:
        return [digest_of(zone, keys[key], kind, **fields)] if keys else []

    return plan


def NO_DS(zone: Name, keys: tuple[Key, ...]) -> Iterable[DS]:  # noqa: N802 - it stands in a table
    """No DS records."""
    del zone, keys
    return ()


@frozen(kw_only=True)
class Plan:
    """A zone as it is to be.

    Attributes:
        zone: Its name, with a final dot.
        records: What it has beside its apex, its delegations and what proves them.
        keys: Its keys; none where it is not signed.
        denial: What denies the rest.
        ds: What its parent says of its keys; all of them together.
        flaws: What goes wrong in it.
        flaws_above: What goes wrong in its parent.
        served_by: The program that serves it; None where it is all the same.
        signed_by: The program that signs it; None where this one does.
    """

    zone: str
    records: str = SIP
    keys: tuple[KeyPlan, ...] = SPLIT
    denial: Denial = field(factory=Nsec)
    ds: tuple[DsPlan, ...] = (ds(),)
    flaws: tuple[Flaw, ...] = ()
    flaws_above: tuple[Flaw, ...] = ()
    served_by: str | None = None
    signed_by: str | None = None

    @property
    def name(self) -> Name:
        """Its name."""
        return name_of(self.zone)


def keys_of(plans: Iterable[Plan]) -> dict[Name, tuple[Key, ...]]:
    """Make the keys of all zones that this program signs."""
    return {plan.name: tuple(key for make in plan.keys for key in make()) for plan in plans}


def built(plans: Iterable[Plan], keys: Keys) -> dict[Name, SignedZone]:
    """Make all zones, and let go wrong what is planned to."""
    plans = list(plans)
    zones = {plan.name: _sound(plan, plans, keys) for plan in plans}
    for plan in plans:
        scene = Scene(plan.name, keys)
        for flaw in plan.flaws:
            flaw(zones[plan.name], scene)
        for flaw in plan.flaws_above:
            flaw(zones[plan.name.parent()], scene)
    return zones


def _sound(plan: Plan, plans: list[Plan], keys: Keys) -> SignedZone:
    origins = {each.name for each in plans}
    children = [each for each in plans if plan.name == _parent(each.name, origins)]
    text = as_text(plan, children, keys)
    own = () if plan.signed_by else keys[plan.name]
    zone = SignedZone.of(plan.name, own, text)
    if own:
        zone.sign_all()
        zone.deny(plan.denial)
    return zone


def as_text(plan: Plan, children: Iterable[Plan], keys: Keys) -> str:
    """The records of a zone before it is signed, as its file has them."""
    text = _APEX + plan.records
    for child in children:
        text += _DELEGATION.format(child=child.zone)
        if keys[plan.name]:
            digests = [digest for make in child.ds for digest in make(child.name, keys[child.name])]
            text += "".join(f"{child.zone} DS {digest}\n" for digest in digests)
    return text


def _parent(name: Name, origins: Container[Name]) -> Name | None:
    """The zone above, of those that there are."""
    while name != dns.name.root:
        name = name.parent()
        if name in origins:
            return name
    return None


def here(name: str, **differently: object) -> Plan:
    """A zone below ``example.``, right but for what is said."""
    return Plan(zone=f"{name}.example.", **differently)  # type: ignore[arg-type]  # as Plan has it


def odd(name: str, **differently: object) -> Plan:
    """The same, served by NSD, which takes nothing for a mistake."""
    return here(name, served_by="nsd", **differently)
