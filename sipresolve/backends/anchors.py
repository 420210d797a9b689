"""Trust anchors from files, in the formats in which others keep them.

What a file holds tells its format: a master file with DS and DNSKEY records, as Unbound has it and
``dig`` prints it; the statements of BIND; or the XML of IANA. Names and data are read by dnspython.
"""

from __future__ import annotations

import re
import time
from pathlib import Path
from typing import TYPE_CHECKING, Final

import dns.name
import dns.rdata
from dns.rdataclass import IN
from dns.rdatatype import DNSKEY, DS

from sipresolve.backends.anchorformats import fault, is_of_bind, of_bind, of_iana
from sipresolve.backends.convert import MALFORMED, name_of
from sipresolve.backends.zonefaults import plain_fault, plain_reason
from sipresolve.backends.zonefile import read_text
from sipresolve.session.proof.means import SUPPORTED_ALGORITHMS, SUPPORTED_DIGESTS
from sipresolve.vocabulary.errors import InvalidZone, Misuse
from sipresolve.vocabulary.keys import DnsKey, Ds, TrustAnchor
from sipresolve.vocabulary.names import ROOT

if TYPE_CHECKING:
    import os
    from collections.abc import Callable, Iterator, Mapping

    from dns.rdatatype import RdataType

    from sipresolve.backends.anchorformats import Stated

__all__ = ["parse_trust_anchors", "read_trust_anchors"]

#: In octets: room for some thousand keys.
_LARGEST: Final = 1 << 20


def read_trust_anchors(path: str | os.PathLike[str]) -> tuple[TrustAnchor, ...]:
    """The trust anchors in a file, as `parse_trust_anchors` has them, at the time of day.

    Args:
        path: The file, in UTF-8.

    Raises:
        Misuse: The file cannot be read, or is as `parse_trust_anchors` refuses it.
    """
    name = str(path)
    octets = _octets_of(Path(path))
    _bound(len(octets), name)
    try:
        text = octets.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = octets.count(b"\n", 0, error.start) + 1
        raise fault(name, line, plain_reason(error)) from error
    return parse_trust_anchors(text, name, now=time.time())


def _octets_of(file: Path) -> bytes:
    try:
        with file.open("rb") as opened:
            return opened.read(_LARGEST + 1)
    except (OSError, ValueError) as error:
        raise Misuse(f"cannot read {str(file)!r}: {plain_reason(error)}") from error


def parse_trust_anchors(text: str, name: str = "<text>", *, now: float) -> tuple[TrustAnchor, ...]:
    """The trust anchors in a text, in its order, each once.

    Left out are keys that are revoked or may sign no zone (RFC 5011 §2.1, RFC 4034 §2.1.1), and
    what has an algorithm or a digest that is not supported, so that it could prove nothing.

    In a master file, names are relative to the root. Records of other types count for nothing, as
    do DNSKEY records without the flag SEP where others of the zone have it. Where Unbound has noted
    the state of a key (RFC 5011 §4.2), the key counts if that is VALID or MISSING.

    Of the XML of IANA, what is valid now counts (RFC 7958 §2.1.2); a DOCTYPE is refused.

    Args:
        text: A master file; statements of BIND (``trust-anchors``, ``managed-keys``,
            ``trusted-keys``) and nothing else; or the XML of IANA. No more than 1 MiB.
        name: What errors call it.
        now: In seconds since 1970.

    Raises:
        Misuse: It is none of these, or it holds no trust anchor that can be used.
    """
    _bound(len(text), name)
    found = tuple(dict.fromkeys(_anchors(text, name, now)))
    usable = tuple(anchor for anchor in found if _is_usable(anchor.key))
    if not found:
        raise Misuse(f"{name}: there is no trust anchor in it")
    if not usable:
        raise Misuse(f"{name}: no trust anchor in it can be used: not even {found[0]}")
    return usable


def _anchors(text: str, name: str, now: float) -> Iterator[TrustAnchor]:
    if text.lstrip().startswith("<"):
        yield from (_anchor(each, name) for each in of_iana(text, name, now))
    elif is_of_bind(text):
        yield from (_anchor(each, name) for each in of_bind(text, name))
    else:
        yield from _of_master_file(text, name)


def _is_usable(key: DnsKey | Ds) -> bool:
    if isinstance(key, Ds) and key.digest_type not in SUPPORTED_DIGESTS:
        return False
    if isinstance(key, DnsKey) and not key.is_zone_key:
        return False
    return key.algorithm in SUPPORTED_ALGORITHMS


def _bound(size: int, name: str) -> None:
    if size > _LARGEST:
        raise Misuse(f"{name}: it is larger than {_LARGEST} octets")


def _anchor(stated: Stated, name: str) -> TrustAnchor:
    try:
        owner = name_of(dns.name.from_text(stated.zone))
        rdata = dns.rdata.from_text(IN, stated.rdtype, " ".join(" ".join(stated.data).split()))
    except MALFORMED as error:
        *numbers, _ = stated.data
        what = " ".join([stated.zone, stated.rdtype.name, *numbers])
        raise fault(name, stated.line, f"{plain_fault(error)}: {what!r}") from error
    return TrustAnchor(owner, _KEYS[stated.rdtype](rdata.to_digestable()))


#: What is made of the data of a record.
_KEYS: Final[Mapping[RdataType, Callable[[bytes], DnsKey | Ds]]] = {
    DNSKEY: DnsKey.of,
    DS: Ds.of,
}


# --- Master files


def _of_master_file(text: str, name: str) -> Iterator[TrustAnchor]:
    if include := _INCLUDE.search(text):
        line = text.count("\n", 0, include.start()) + 1
        raise fault(name, line, "other files are not included here")
    try:
        entries = read_text(_UNTRUSTED.sub("", text), ROOT)
    except InvalidZone as error:
        raise Misuse(name + error.message.removeprefix(error.source)) from error
    found = [
        TrustAnchor(entry.owner, _KEYS[entry.rdata.rdtype](entry.rdata.to_digestable()))
        for entry in entries
        if entry.rdata.rdtype in _KEYS
    ]
    with_sep = {anchor.zone for anchor in found if _has_sep(anchor.key)}
    for anchor in found:
        if isinstance(anchor.key, Ds) or _has_sep(anchor.key) or anchor.zone not in with_sep:
            yield anchor


def _has_sep(key: DnsKey | Ds) -> bool:
    """Whether it is marked as a Secure Entry Point (RFC 4034 §2.1.1)."""
    return isinstance(key, DnsKey) and bool(key.flags & _SEP)


_INCLUDE: Final = re.compile(r"^\$INCLUDE\b", re.IGNORECASE | re.MULTILINE)

#: A record that Unbound follows by RFC 5011 and does not trust (yet, or any more): the states are
#: START 0, ADDPEND 1, VALID 2, MISSING 3, REVOKED 4 and REMOVED 5.
_UNTRUSTED: Final = re.compile(r"^[^;\n]*+;[^\n]*?;;state=(?![23]\b)[^\n]*+", re.MULTILINE)

_SEP: Final = 0x0001
