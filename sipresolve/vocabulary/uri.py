"""SIP and SIPS URIs: how they are read, written and compared (RFC 3261 §19.1)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from attrs import frozen

from sipresolve.vocabulary.errors import InvalidUri
from sipresolve.vocabulary.hosts import address_of, host_and_port, read_host
from sipresolve.vocabulary.texts import as_text, refusal, written_parameters
from sipresolve.vocabulary.uri_faults import next_hop_faults, uri_faults
from sipresolve.vocabulary.uri_grammar import normal_escapes, read, read_next_hop

if TYPE_CHECKING:
    from sipresolve.vocabulary.records import Address

__all__ = ["SipUri"]


@frozen(kw_only=True, eq=False, slots=False)
class SipUri:
    """A SIP or SIPS URI.

    `parse` reads one and checks it; the constructor takes the parts as `parse` would give them,
    unchecked.

    ``==`` and `hash` are those of RFC 3261 §19.1.4, which are not transitive: a parameter that the
    RFC does not name counts only where both URIs have it. So ``sip:a.example`` equals both
    ``sip:a.example;x=1`` and ``sip:a.example;x=2``, which are not equal; in a set of URIs, which
    of them is kept depends on their order.

    Attributes:
        scheme: ``"sip"`` or ``"sips"``.
        user: The user part as it was given, with its escapes; None without one.
        password: As it was given, with its escapes; None without one, which is not the same as an
            empty one.
        host: A name in lower case and without its final dot, or an address in its canonical text,
            without brackets.
        port: 1 to 65535; None where there is none, which is not the same as the default port.
        parameters: Names and values in the order given: the names in lower case, with no escape
            that is not needed, and no name twice; the values as they were given, None for none.
        headers: Names and values in the order given, as they were given.
    """

    scheme: str
    user: str | None = None
    password: str | None = None
    host: str
    port: int | None = None
    parameters: tuple[tuple[str, str | None], ...] = ()
    headers: tuple[tuple[str, str], ...] = ()

    @classmethod
    def parse(cls, text: str | bytes) -> SipUri:
        """Read a SIP or SIPS URI by the grammar of RFC 3261 §25.

        >>> str(SipUri.parse("SIP:alice@Example.COM:5070;Transport=TCP"))
        'sip:alice@example.com:5070;transport=TCP'

        Args:
            text: The URI alone, without white space or angle brackets around it.

        Raises:
            InvalidUri: It is none; the error says where and why.
            TypeError: It is not even text.
        """
        return cls._read(as_text(text, "a URI", InvalidUri))

    @classmethod
    def parse_target(cls, text: str | bytes) -> SipUri:
        """Read a SIP or SIPS URI, or the host of a next hop (RFC 3263 §4).

        A name or an address, with a port or without, stands for the URI ``sip:<proxy>``. An IPv6
        address without a port needs no brackets.

        >>> str(SipUri.parse_target("[2001:db8::1]:5070"))
        'sip:[2001:db8::1]:5070'

        Raises:
            InvalidUri: It is neither; the error says where and why.
            TypeError: It is not even text.
        """
        text = as_text(text, "a URI", InvalidUri)
        if text[:4] == "sip:" or text[:5].lower().startswith(("sip:", "sips:")):
            return cls._read(text)
        parts = read_next_hop(text)
        if parts is None:
            raise refusal(InvalidUri, text, next(next_hop_faults(text)))
        return cls(**parts)

    @classmethod
    def _read(cls, text: str) -> SipUri:
        parts = read(text)
        if parts is None:
            raise refusal(InvalidUri, text, next(uri_faults(text)))
        return cls(**parts)

    @property
    def address(self) -> Address | None:
        """The host, where it is an address; None where it is a name."""
        return address_of(self.host)

    @property
    def transport(self) -> str | None:
        """The value of ``;transport=``, in lower case and unescaped; None without one."""
        value = self._parameter("transport")
        return None if value is None else normal_escapes(value).lower()

    @property
    def maddr(self) -> str | None:
        """The host that ``;maddr=`` names, spelt as `host` is; None without one."""
        value = self._parameter("maddr")
        return None if value is None else read_host(value)

    @property
    def target(self) -> str:
        """The TARGET of RFC 3263 §4, whose servers are wanted, spelt as `host` is."""
        return self.maddr or self.host

    @property
    def target_address(self) -> Address | None:
        """The host to find servers for, where it is an address; None where it is a name."""
        return address_of(self.target)

    @property
    def is_phone(self) -> bool:
        """Whether the user part is a telephone number, by ``;user=phone`` (RFC 3261 §19.1.6)."""
        value = self._parameter("user")
        return value is not None and normal_escapes(value).lower() == "phone"

    def __str__(self) -> str:
        headers = "&".join(f"{name}={value}" for name, value in self.headers)
        return (
            f"{self.scheme}:{self._userinfo()}{host_and_port(self.host, self.port)}"
            f"{written_parameters(self.parameters)}{'?' if headers else ''}{headers}"
        )

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, SipUri):
            return NotImplemented
        if self._decisive() != other._decisive():
            return False
        # RFC 3261 §19.1.4: "All other uri-parameters appearing in only one URI are ignored".
        theirs = dict(other.parameters)
        return all(
            _comparable(name, value) == _comparable(name, theirs[name])
            for name, value in self.parameters
            if name in theirs
        )

    def __hash__(self) -> int:
        return hash(self._decisive())

    def _userinfo(self) -> str:
        if self.user is None:
            return ""
        return f"{self.user}@" if self.password is None else f"{self.user}:{self.password}@"

    def _decisive(self) -> tuple[object, ...]:
        """What two equal URIs have alike, in one spelling and one order."""
        return (
            self.scheme,
            self.user and normal_escapes(self.user),
            self.password and normal_escapes(self.password),
            self.host,
            self.port,
            frozenset(_comparable(*item) for item in self.parameters if item[0] in _DECISIVE),
            tuple(sorted(_comparable_header(*header) for header in self.headers)),
        )

    def _parameter(self, name: str) -> str | None:
        return next((value for present, value in self.parameters if present == name), None)


# RFC 3261 §19.1.4: a "user, ttl, or method uri-parameter appearing in only one URI never matches",
# nor does maddr; and that a URI without a transport differs from one with the default transport.
_DECISIVE: Final = frozenset({"transport", "user", "ttl", "method", "maddr"})

# RFC 3261 §19.1.4: "case-insensitive unless explicitly defined otherwise". Methods are defined in
# capitals (§25.1), Call-IDs are compared byte by byte (§20.8), and a body is no token.
_CASE_SENSITIVE: Final = frozenset({"call-id", "i", "body"})


def _comparable(name: str, value: str | None) -> tuple[str, str | None]:
    """A parameter in the one spelling of all that equal it."""
    if value is None:
        return name, None
    if name == "maddr":
        return name, read_host(value)
    normal = normal_escapes(value)
    return name, normal if name == "method" else normal.lower()


def _comparable_header(name: str, value: str) -> tuple[str, str]:
    """A header in the one spelling of all that equal it; the rules of §20 are a SIP stack's."""
    name, value = normal_escapes(name).lower(), normal_escapes(value)
    return name, value if name in _CASE_SENSITIVE else value.lower()
