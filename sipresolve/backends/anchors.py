"""Trust anchors from files, in the formats in which others keep them.

What a file holds tells its format: a master file with DS and DNSKEY records, as Unbound has it and
``dig`` prints it; the statements of BIND; or the XML of IANA. Names and data are read by dnspython.
"""

from __future__ import annotations

import os
import re
import time
from pathlib import Path
from typing import TYPE_CHECKING, Final, TypeAlias

import dns.name
import dns.rdata
from dns.rdataclass import IN
from dns.rdatatype import DNSKEY, DS

from sipresolve.backends.anchorformats import fault, is_of_bind, of_bind, of_iana
from sipresolve.backends.convert import MALFORMED, name_of
from sipresolve.backends.zonefaults import plain_fault, plain_reason
from sipresolve.backends.zonefile import read_text
from sipresolve.vocabulary.errors import InvalidZone, Misuse
from sipresolve.vocabulary.keys import DIGEST_SIZES, DnsKey, Ds, TrustAnchor, is_supported
from sipresolve.vocabulary.names import ROOT

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from dns.rdatatype import RdataType

    from sipresolve.backends.anchorformats import Stated
    from sipresolve.backends.zonefile import Entry

__all__ = ["parse_trust_anchors", "read_trust_anchors"]

#: In octets: room for some thousand keys.
_LARGEST: Final = 1 << 20


def read_trust_anchors(path: str | bytes | os.PathLike[str]) -> tuple[TrustAnchor, ...]:
    """The trust anchors in a file, in its order, each once.

    The file is one of these, which its beginning tells:

    - a master file with DS or DNSKEY records, as Unbound keeps it and ``dig`` prints it;
    - statements of BIND: ``trust-anchors``, ``managed-keys`` or ``trusted-keys``, and nothing else;
    - the XML of IANA, of which what is valid now counts (RFC 7958 §2.1.2).

    Left out are keys that are revoked or may sign no zone (RFC 5011 §2.1, RFC 4034 §2.1.1), those
    that Unbound does not trust yet or any more (RFC 5011 §4.2), and what has an algorithm or a
    digest that is not supported, so that it could prove nothing.

    Args:
        path: The file, in UTF-8, of 1 MiB at most.

    Raises:
        Misuse: The file cannot be read, is none of these, or holds no trust anchor that can be
            used. The message names the line where there is one.
    """
    name = _name_of(path)
    octets = _octets_of(Path(name))
    _bound(len(octets), name)
    try:
        text = octets.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = octets.count(b"\n", 0, error.start) + 1
        raise fault(name, line, plain_reason(error)) from error
    return parse_trust_anchors(text, name, now=time.time())


def _name_of(path: object) -> str:
    if not isinstance(path, str | bytes | os.PathLike):
        raise Misuse(f"the path of a file of trust anchors is wanted, not {path!r}")
    name = os.fsdecode(path)
    if not name:
        raise Misuse(f"the path of a file of trust anchors must not be empty, as {path!r} is")
    return name


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
    usable = tuple(TrustAnchor(zone, key) for zone, key in found if _is_usable(key))
    if not found:
        raise Misuse(f"{name}: there is no trust anchor in it")
    if not usable:
        zone, key = found[0]
        raise Misuse(f"{name}: no trust anchor in it can be used: not even {zone} {key}")
    return usable


#: A zone and what vouches for it, not yet known to be of use.
_Found: TypeAlias = "tuple[str, DnsKey | Ds]"


def _anchors(text: str, name: str, now: float) -> Iterator[_Found]:
    if text.lstrip().startswith("<"):
        yield from (_anchor(each, name) for each in of_iana(text, name, now))
    elif is_of_bind(text):
        yield from (_anchor(each, name) for each in of_bind(text, name))
    else:
        yield from _of_master_file(text, name)


def _is_usable(key: DnsKey | Ds) -> bool:
    if isinstance(key, DnsKey) and not (key.is_zone_key and key.key):
        return False
    return is_supported(key)


def _bound(size: int, name: str) -> None:
    if size > _LARGEST:
        raise Misuse(f"{name}: it is larger than {_LARGEST} octets")


def _anchor(stated: Stated, name: str) -> _Found:
    try:
        owner = _plain_name(name_of(dns.name.from_text(stated.zone)))
        rdata = dns.rdata.from_text(IN, stated.rdtype, " ".join(" ".join(stated.data).split()))
    except MALFORMED as error:
        *numbers, _ = stated.data
        what = " ".join([stated.zone, stated.rdtype.name, *numbers])
        raise fault(name, stated.line, f"{_fault_of(error)}: {what!r}") from error
    return owner, _KEYS[stated.rdtype](rdata.to_digestable())


def _plain_name(name: str) -> str:
    """A name as `TrustAnchor` takes it: reverse zones may have a slash (RFC 2317 §4)."""
    return _OF_URIS.sub(lambda found: found[1] or f"\\{ord(found[2]):03}", name)


_OF_URIS: Final = re.compile(r"(\\[^@;])|\\?([:@/;?])")


def _fault_of(error: Exception) -> str:
    return _DIGEST_SIZE if _OF_DIGEST_SIZE in str(error) else plain_fault(error)


#: What dnspython says of a digest of the wrong length, and what it means.
_OF_DIGEST_SIZE: Final = "digest length inconsistent"
_DIGEST_SIZE: Final = "the digest has not as many digits as its type needs: " + ", ".join(
    f"{2 * size} for type {digest_type}" for digest_type, size in DIGEST_SIZES.items()
)


#: What is made of the data of a record.
_KEYS: Final[Mapping[RdataType, Callable[[bytes], DnsKey | Ds]]] = {
    DNSKEY: DnsKey.of,
    DS: Ds.of,
}


# --- Master files


def _of_master_file(text: str, name: str) -> Iterator[_Found]:
    for pattern, what in _NOT_HERE.items():
        if place := pattern.search(text):
            raise fault(name, text.count("\n", 0, place.start()) + 1, what)
    found = [
        (_plain_name(entry.owner), _KEYS[entry.rdata.rdtype](entry.rdata.to_digestable()))
        for entry in _entries(_UNTRUSTED.sub("", text), name)
        if entry.rdata.rdtype in _KEYS
    ]
    with_sep = {zone for zone, key in found if _has_sep(key)}
    for zone, key in found:
        if isinstance(key, Ds) or _has_sep(key) or zone not in with_sep:
            yield zone, key


def _entries(text: str, name: str) -> tuple[Entry, ...]:
    try:
        return read_text(text, ROOT)
    except InvalidZone as error:
        line = error.line or 1
        written = "".join(text.split("\n")[line - 1 : line]).strip()
        if data := _WITHOUT_OWNER.match(written):
            what = f"the owner and the type are missing before {data[0]!r}"
            raise fault(name, line, f"{what}, such as 'example.com. DS'") from error
        if _OF_DIGEST_SIZE in str(error.__cause__):
            raise fault(name, line, f"{_DIGEST_SIZE}: {written!r}") from error
        raise Misuse(name + error.message.removeprefix(error.source)) from error


def _has_sep(key: DnsKey | Ds) -> bool:
    """Whether it is marked as a Secure Entry Point (RFC 4034 §2.1.1)."""
    return isinstance(key, DnsKey) and bool(key.flags & _SEP)


#: What is no part of a master file, or of none that is read here.
_NOT_HERE: Final = {
    re.compile(r"^\$INCLUDE\b", re.IGNORECASE | re.MULTILINE): "other files are not included here",
    re.compile(r'^[^;"\n]*?(?<!\S)#', re.MULTILINE): "a comment begins with ';' here, not with '#'",
}

#: How ``dig +short`` prints data.
_WITHOUT_OWNER: Final = re.compile(r"\d+[ \t]+\d+[ \t]+\d+(?=[ \t]+[0-9A-Za-z+/])")

#: A record that Unbound follows by RFC 5011 and does not trust (yet, or any more): the states are
#: START 0, ADDPEND 1, VALID 2, MISSING 3, REVOKED 4 and REMOVED 5.
_UNTRUSTED: Final = re.compile(r"^[^;\n]*+;[^\n]*?;;state=(?![23]\b)[^\n]*+", re.MULTILINE)

_SEP: Final = 0x0001
