"""Zone files as records: the master files of RFC 1035 §5, with the ``$TTL`` of RFC 2308 §4.

Words and data are read by dnspython. Its own reader of whole files keeps one zone in each, drops
what lies outside it, and looks for an included file wherever the program happens to run; so the
entries are put together here.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import dns.name
import dns.rdata
import dns.rdatatype
import dns.ttl
from attrs import define, evolve, field, frozen
from dns.rdataclass import IN
from dns.rdatatype import NAPTR
from dns.rdtypes.ANY.SOA import SOA
from dns.tokenizer import Tokenizer

from sipresolve.backends.convert import MALFORMED, name_of
from sipresolve.backends.zonefaults import plain_fault, plain_reason
from sipresolve.vocabulary.errors import InvalidZone

if TYPE_CHECKING:
    import os
    from collections.abc import Callable, Iterator

    from dns.name import Name
    from dns.rdata import Rdata
    from dns.rdatatype import RdataType
    from dns.tokenizer import Token

__all__ = ["DEFAULT_TTL", "Entry", "Place", "read_file", "read_text"]

#: The TTL, in seconds, of a record where neither it, nor a ``$TTL``, nor a record before it, nor an
#: SOA says one.
DEFAULT_TTL: Final = 300


@frozen
class Place:
    """Where an entry of a zone file begins: the file, and a line of it, counted from 1."""

    source: str
    line: int

    def error(self, what: str) -> InvalidZone:
        """An error that lies here."""
        return InvalidZone(f"{self.source}:{self.line}: {what}", source=self.source, line=self.line)


@frozen
class Entry:
    """A record of class IN, of any type.

    Attributes:
        owner: The name that it belongs to, in lower case and without a final dot.
        ttl: In seconds, 0 to 2^32 - 1.
        rdata: Its type and data; names in it are absolute.
        place: Where it stands.
    """

    owner: str
    ttl: int
    rdata: Rdata
    place: Place


def read_file(path: str | os.PathLike[str], origin: str | None = None) -> tuple[Entry, ...]:
    """The records of a zone file and of the files that it includes, in their order.

    Args:
        path: The file, in UTF-8. The name of an included file is relative to the file that
            includes it.
        origin: What relative names are relative to, until an ``$ORIGIN`` says otherwise.

    Raises:
        InvalidZone: A file cannot be read, is not a zone file, or holds no records.
    """
    file = Path(path)

    def fail(what: str) -> InvalidZone:
        return InvalidZone(what, source=str(file))

    text = _text_of(file, fail)
    reader = _Reader(text=text, source=str(file), origin=_origin(origin), files=(file,))
    entries = tuple(reader.entries())
    if not entries:
        raise fail(f"{str(file)!r} holds no records")
    return entries


def read_text(text: str, origin: str | None = None) -> tuple[Entry, ...]:
    """The records of the text of a zone file; included files are relative to the current folder.

    Args:
        text: What a zone file would hold.
        origin: As `read_file` takes it.

    Raises:
        InvalidZone: The text is not a zone file, or an included file is not.
    """
    text = text.replace("\r\n", "\n")  # as reading a file does
    return tuple(_Reader(text=text, source="<text>", origin=_origin(origin)).entries())


def _text_of(file: Path, fail: Callable[[str], InvalidZone]) -> str:
    try:
        return file.read_text(encoding="utf-8-sig")
    except UnicodeDecodeError as error:
        line = error.object.count(b"\n", 0, error.start) + 1
        raise Place(str(file), line).error(plain_reason(error)) from error
    except (OSError, ValueError) as error:
        raise fail(f"cannot read {str(file)!r}: {plain_reason(error)}") from error


def _origin(text: str | None) -> Name | None:
    try:
        return None if text is None else dns.name.from_text(text)
    except MALFORMED as error:
        raise InvalidZone(f"the origin {text!r} is no domain name", source="<origin>") from error


@frozen
class _Ttls:
    """What the TTL of a record is that does not state one."""

    of_directive: int | None = None
    stated_last: int | None = None
    of_soa: int | None = None

    @property
    def implied(self) -> int:
        # RFC 2308 §4: a $TTL decides; RFC 1035 §5.1: else the one stated last. The minimum of an
        # SOA comes after them, for files from before RFC 2308.
        candidates = (self.of_directive, self.stated_last, self.of_soa)
        return next((ttl for ttl in candidates if ttl is not None), DEFAULT_TTL)


@define(kw_only=True)
class _Reader:
    """Reads one file. What one entry leaves for the next is its state."""

    text: str
    source: str
    origin: Name | None
    files: tuple[Path, ...] = ()  # that are being read, the innermost last
    ttls: _Ttls = field(factory=_Ttls)
    owner: Name | None = None
    place: Place = field(init=False)
    tokens: _Tokens = field(init=False)

    def __attrs_post_init__(self) -> None:
        self.tokens = _Tokens(self.text, self.source)

    def entries(self) -> Iterator[Entry]:
        try:
            while not (token := self._first_word()).is_eof():
                if token.is_identifier() and token.value.startswith("$"):
                    yield from self._directive(token.value)
                elif not token.is_eol():
                    yield self._record(token)
        except MALFORMED as error:
            raise self._malformed(error) from error

    def _malformed(self, error: Exception) -> InvalidZone:
        line = "".join(self.text.split("\n")[self.place.line - 1 : self.place.line]).strip()
        return self.place.error(f"{plain_fault(error)}: {line!r}")

    def _first_word(self) -> Token:
        """What the next entry begins with; white space, where it has the owner of the last one."""
        self.place = Place(self.source, self.tokens.where()[1])
        token = self.tokens.get(want_leading=True)
        if not token.is_whitespace():
            return token
        following = self.tokens.get()
        if following.is_eol_or_eof():
            return following
        self.tokens.unget(following)
        return token

    def _record(self, token: Token) -> Entry:
        if not token.is_whitespace():
            self.owner = self._absolute(self.tokens.as_name(token, self.origin))
        if self.owner is None:
            raise self.place.error("no record before it in this file has an owner")
        ttl, rdtype = self._ttl_and_type()
        rdata = self._rdata(rdtype)
        if ttl is not None:
            self.ttls = evolve(self.ttls, stated_last=ttl)
        if isinstance(rdata, SOA):
            self.ttls = evolve(self.ttls, of_soa=rdata.minimum)
        return Entry(
            name_of(self.owner), self.ttls.implied if ttl is None else ttl, rdata, self.place
        )

    def _ttl_and_type(self) -> tuple[int | None, RdataType]:
        """RFC 1035 §5.1: a TTL and a class, in either order, and each may be missing."""
        ttl = None
        word = self.tokens.get_identifier()
        for _ in range(2):
            if word[0].isdigit():
                ttl = dns.ttl.from_text(word)
            elif word.upper() != "IN":
                break
            word = self.tokens.get_identifier()
        try:
            return ttl, dns.rdatatype.from_text(word)
        except (*MALFORMED, ValueError) as error:
            raise self.place.error(f"{word!r} is neither the class IN nor a type") from error

    def _rdata(self, rdtype: RdataType) -> Rdata:
        self.tokens.strings_are_octets = rdtype == NAPTR
        rdata = dns.rdata.from_text(IN, rdtype, self.tokens, self.origin, relativize=False)
        self.tokens.strings_are_octets = False
        try:
            rdata.to_wire()
        except dns.name.NeedAbsoluteNameOrOrigin as error:
            raise self._without_origin("its data") from error
        return rdata

    def _absolute(self, name: Name) -> Name:
        if not name.is_absolute():
            raise self._without_origin(repr(name.to_text()))
        return name

    def _without_origin(self, what: str) -> InvalidZone:
        return self.place.error(f"{what} is relative to an origin, and there is no $ORIGIN before")

    def _directive(self, word: str) -> Iterator[Entry]:
        match word.upper():
            case "$ORIGIN":
                self.origin = self._absolute(self.tokens.get_name(self.origin))
                self.tokens.get_eol()
            case "$TTL":
                self.ttls = evolve(self.ttls, of_directive=self.tokens.get_ttl())
                self.tokens.get_eol()
            case "$INCLUDE":
                yield from self._included()
            case _:
                raise self.place.error(f"there is no directive {word!r} here")

    def _included(self) -> Iterator[Entry]:
        """RFC 1035 §5.1: what the other file says of origin or owner stays there."""
        name, origin = self.tokens.get_string(), self.origin
        token = self.tokens.get()
        if not token.is_eol_or_eof():
            origin = self._absolute(self.tokens.as_name(token, self.origin))
            self.tokens.get_eol()
        file = (self.files[-1].parent if self.files else Path()) / name
        text = _text_of(file, self.place.error)
        if file.resolve() in (outer.resolve() for outer in self.files):
            raise self.place.error(f"$INCLUDE of {name!r} leads in a circle")
        yield from _Reader(
            text=text,
            source=str(file),
            origin=origin,
            files=(*self.files, file),
            ttls=self.ttls,
        ).entries()


class _Tokens(Tokenizer):
    """The words of a file.

    Attributes:
        strings_are_octets: Whether those of a record are (RFC 1035 §3.3): dnspython before 2.9
            takes those of NAPTR for text, and makes UTF-8 of what is above 127.
    """

    strings_are_octets = False

    def get_string(self, max_length: int | None = None) -> Any:  # noqa: ANN401 - or octets
        token = self.get()
        if self.strings_are_octets and (token.is_identifier() or token.is_quoted_string()):
            return token.unescape_to_bytes().value
        self.unget(token)
        return super().get_string(max_length)
