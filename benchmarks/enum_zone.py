"""A zone of ENUM with as many telephone numbers as are wanted, the same every time.

    python benchmarks/enum_zone.py 200000 > e164.arpa.zone

The numbers are of a country code that nobody has. What they publish is a mixture of what occurs;
some publish nothing.
"""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Final

from attrs import frozen

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

__all__ = ["ROOT", "has_records", "telephone_number", "zone"]

ROOT: Final = "e164.arpa"


@frozen
class _Kind:
    """What some of the numbers have in common.

    Attributes:
        share: How many of twenty numbers are of this kind.
        records: The data of its records, as a zone file has it: ``{n}`` is which of the numbers
            it is, ``{carrier}`` is that of a carrier.
    """

    share: int
    records: tuple[str, ...]


_KINDS: Final = (
    _Kind(10, ('10 10 "u" "E2U+sip" "!^.*$!sip:subscriber{n}@sbc{carrier}.example.net!" .',)),
    _Kind(3, (r'10 10 "u" "E2U+sip" "!^\\+999(.*)$!sip:0\\1@sbc{carrier}.example.net!" .',)),
    _Kind(  # several services, of several orders
        2,
        (
            '10 10 "u" "E2U+h323" "!^.*$!h323:subscriber{n}@gk{carrier}.example.net!" .',
            '10 20 "u" "E2U+sip" "!^.*$!sip:subscriber{n}@east.example.net!" .',
            '10 30 "u" "E2U+sip" "!^.*$!sip:subscriber{n}@west.example.net!" .',
            '20 10 "u" "E2U+sip" "!^.*$!sip:subscriber{n}@sbc{carrier}.example.net!" .',
            '30 10 "u" "E2U+email:mailto" "!^.*$!mailto:subscriber{n}@example.net!" .',
        ),
    ),
    _Kind(  # ported to another carrier
        2,
        (
            r'10 10 "u" "E2U+pstn:sip" "!^(.*)$!sip:\\1;npdi;rn=+99980{carrier}@example.net!" .',
            r'10 20 "u" "E2U+pstn:tel" "!^(.*)$!tel:\\1;npdi;rn=+99980{carrier}!" .',
        ),
    ),
    _Kind(1, (f'10 10 "" "" "" carrier{{carrier}}.{ROOT}.',)),  # what the carrier says of all
    _Kind(2, ()),
)

#: The kinds of twenty numbers in a row.
_TWENTY: Final = tuple(kind for kind in _KINDS for _ in range(kind.share))

_CARRIERS: Final = range(100, 110)

_CARRIER: Final = r'10 10 "u" "E2U+sip" "!^(.*)$!sip:\\1@sbc{carrier}.example.net!" .'

_HEAD: Final = f"""\
$ORIGIN {ROOT}.
$TTL 3600
@ SOA ns.{ROOT}. hostmaster.{ROOT}. 1 3600 600 86400 300
@ NS ns
ns A 192.0.2.53
"""


def main() -> None:
    """Write the zone, with as many numbers as the argument says."""
    sys.stdout.writelines(zone(int(sys.argv[1])))


def zone(count: int) -> Iterator[str]:
    """The lines of a zone file.

    Args:
        count: How many telephone numbers there are, up to a hundred million.
    """
    yield _HEAD
    for carrier in _CARRIERS:
        yield from _lines(f"carrier{carrier}", [_CARRIER], carrier=carrier)
    for n in range(count):
        owner = ".".join(reversed(telephone_number(n)[1:]))
        carrier = _CARRIERS[n // len(_TWENTY) % len(_CARRIERS)]
        yield from _lines(owner, _kind(n).records, carrier=carrier, n=n)


def telephone_number(n: int) -> str:
    """One of the numbers of the zone; they come in no order."""
    return f"+9991{n * 61_803_399 % 100_000_000:08}"


def has_records(n: int) -> bool:
    """Whether one of the numbers publishes anything."""
    return bool(_kind(n).records)


def _kind(n: int) -> _Kind:
    return _TWENTY[n % len(_TWENTY)]


def _lines(owner: str, records: Iterable[str], **about: int) -> Iterator[str]:
    return (f"{owner} NAPTR {record.format(**about)}\n" for record in records)


if __name__ == "__main__":
    main()
