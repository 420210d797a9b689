"""How many different names are asked for below one domain: what makes a resolver a DNS tunnel.

Who lets strangers choose domains lends them the resolver: a name can carry data to the nameservers
of its domain, and ever new names make it flood them. Either needs many different names below one
domain, which real callers do not have.
"""

from __future__ import annotations

from typing import Final

from sipresolve.vocabulary.transports import Transport

__all__ = ["MINUTE", "MOST_NAMES", "NameMeter", "counted_name", "parent_of"]

#: How long a name is remembered, in seconds.
MINUTE: Final = 60.0

#: How many names are kept: beyond it the minute ends early.
MOST_NAMES: Final = 100_000


class NameMeter:
    """Counts the different names below each domain, minute by minute.

    A name counts once a minute, below its last two labels or three (`parent_of`): what lies below
    ``b.example.com`` lies below ``example.com`` as well, so one count binds both. A domain of two
    labels is below a top-level domain, and counts nowhere: how many domains there are is nobody's
    to bound. The labels that SIP puts before a domain (``_sip._udp``) are none of its own.

    It is pure, and no lock guards it.
    """

    def __init__(self, limit: int) -> None:
        """Begin with an empty minute.

        Args:
            limit: How many different names below one domain are allowed in a minute.
        """
        self._limit = limit
        self._ends = -float("inf")
        self._names: set[int] = set()  # hashes: of a name, only whether it was there is needed
        self._counts: dict[str, int] = {}

    def allows(self, name: str, now: float) -> bool:
        """Whether a name may be asked for; if so, it counts.

        Args:
            name: The name, in lower case and without a final dot.
            now: The time, in seconds, on a clock that never goes back.
        """
        own = counted_name(name)
        parent = parent_of(own)
        if parent is None:
            return True
        if now >= self._ends or len(self._names) >= MOST_NAMES:
            self._begin(now)
        number = hash(own)
        if number in self._names:
            return True
        count = self._counts.get(parent, 0)
        if count >= self._limit:
            return False
        self._names.add(number)
        self._counts[parent] = count + 1
        return True

    def _begin(self, now: float) -> None:
        self._ends = now + MINUTE
        self._names = set()
        self._counts = {}


def counted_name(name: str) -> str:
    """A name without the labels that SIP puts before a domain (RFC 3263 §4.2).

    Other labels that begin with an underscore stay: a NAPTR record can lead to any number of them.
    """
    while name.startswith("_"):
        label, _, rest = name.partition(".")
        if label not in _LABELS_OF_SIP:
            break
        name = rest
    return name


def parent_of(name: str) -> str | None:
    """The domain below which a name counts: its last two labels; None where it has no more.

    Where a country has domains registered below such as ``co.uk`` or ``com.br``, the last three.
    """
    labels = name.split(".")
    is_registry = len(labels[-1]) == _COUNTRY and labels[-2:-1] and labels[-2] in _REGISTRIES
    owned = 3 if is_registry else 2
    return ".".join(labels[-owned:]) if len(labels) > owned else None


#: How many letters name a country.
_COUNTRY: Final = 2
#: Below what, in most countries that do so, domains are registered.
_REGISTRIES: Final = frozenset(
    {"ac", "ad", "co", "com", "ed", "edu", "go", "gob", "gouv", "gov", "gr", "gv", "lg", "ltd"}
    | {"me", "mil", "ne", "net", "nhs", "nom", "or", "org", "plc", "sch"}
)
_LABELS_OF_SIP: Final = frozenset(
    label for transport in Transport for label in transport.srv_labels.split(".")
)
