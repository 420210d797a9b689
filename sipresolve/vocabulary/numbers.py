"""Telephone numbers and tel URIs: how they are read, written and compared (RFC 3966, RFC 4694)."""

from __future__ import annotations

from operator import itemgetter
from typing import TYPE_CHECKING, Final

from attrs import evolve, frozen

from sipresolve.vocabulary.errors import InvalidNumber
from sipresolve.vocabulary.number_faults import (
    given_faults,
    globalising_faults,
    subscriber_faults,
    tel_faults,
)
from sipresolve.vocabulary.number_grammar import (
    meaning,
    normal_subscriber,
    read_given,
    read_subscriber,
    read_tel,
)
from sipresolve.vocabulary.texts import as_text, refusal, written_parameters

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from sipresolve.vocabulary.hosts import Fault
    from sipresolve.vocabulary.number_grammar import Parts

__all__ = ["TelUri"]


@frozen(kw_only=True, eq=False)
class TelUri:
    """A telephone number, as a tel URI has it (RFC 3966).

    The `parse` methods read one and check it; the constructor takes the parts as they would give
    them, unchecked.

    Two are equal by RFC 3966 §4: both are global or both local, their digits are equal, and they
    have the same parameters in whatever order. Nothing in them is case-sensitive, escapes that are
    not needed make no difference (§3), nor do separators in the numbers of RFC 4694.

    Attributes:
        number: Without visual separators: ``"+442079460123"`` if it is global. A local one is in
            upper case: hexadecimal digits, ``*`` and ``#``.
        extension: The digits of ``;ext=``, without visual separators; None without one.
        subaddress: The value of ``;isub=``, an ISDN subaddress, as it was given; None without one.
        phone_context: Where a local number is valid: the first digits of global ones,
            ``"+1914555"`` without visual separators, or a domain in lower case and without its
            final dot. None for a global number.
        parameters: The others, names and values in the order given: the names in lower case, and
            no name twice; the values as they were given, None for none.
    """

    number: str
    extension: str | None = None
    subaddress: str | None = None
    phone_context: str | None = None
    parameters: tuple[tuple[str, str | None], ...] = ()

    @classmethod
    def parse(cls, text: str | bytes) -> TelUri:
        """Read a tel URI by the grammar of RFC 3966 §3, its parameters by RFC 4694 §4 as well.

        >>> str(TelUri.parse("TEL:+1-202-533-1234;rn=+1-202-544-0000;npdi;Ext=(12)"))
        'tel:+12025331234;ext=12;npdi;rn=+12025440000'

        Args:
            text: The URI alone. Its parameters may stand in any order.

        Raises:
            InvalidNumber: It is none, or has more digits than E.164 allows; the error says where
                and why.
            TypeError: It is not even text.
        """
        return cls._parsed(_as_text(text), read_tel, tel_faults)

    @classmethod
    def parse_number(cls, text: str | bytes) -> TelUri:
        """Read a number to be mapped: a tel URI, or a global number alone.

        In the latter, digits may be parted by blanks as well, as people write them (E.123).

        >>> TelUri.parse_number("+44 (20) 7946-0123").number
        '+442079460123'

        Args:
            text: With blanks around it or without. A number without "+" is a dialled string, and
                those are never mapped (RFC 6116 §3.7).

        Raises:
            InvalidNumber: It is neither; the error says where and why.
            TypeError: It is not even text.
        """
        return cls._parsed(_as_text(text), read_given, given_faults)

    @classmethod
    def parse_subscriber(cls, text: str | bytes) -> TelUri:
        """Read the user part of a SIP URI with ``user=phone`` (RFC 3261 §19.1.6).

        >>> str(TelUri.parse_subscriber("%2B44-20-7946-0123;%6Epdi"))
        'tel:+442079460123;npdi'

        Args:
            text: A tel URI without its scheme, with the escapes that a SIP URI needs and others.

        Raises:
            InvalidNumber: It is none; the error says where and why, in the text without escapes.
            TypeError: It is not even text.
        """
        return cls._parsed(normal_subscriber(_as_text(text)), read_subscriber, subscriber_faults)

    @classmethod
    def _parsed(
        cls,
        text: str,
        read: Callable[[str], Parts | None],
        faults: Callable[[str], Iterator[Fault]],
    ) -> TelUri:
        parts = read(text)
        if parts is None:
            raise refusal(InvalidNumber, text, next(faults(text)))
        return cls(**parts)

    @property
    def is_global(self) -> bool:
        """Whether the number is valid everywhere, and not in a context only (RFC 3966 §5.1)."""
        return self.number.startswith("+")

    @property
    def is_dipped(self) -> bool:
        """Whether a number portability database was asked, by ``;npdi`` (RFC 4694 §5.1).

        If so, what it knows about this number "MUST NOT" be retrieved again.
        """
        return self._has("npdi")

    @property
    def is_enum_dipped(self) -> bool:
        """Whether the public ENUM was asked, by ``;enumdi`` (RFC 4759).

        If so, it should not be asked about this number again.
        """
        return self._has("enumdi")

    @property
    def routing_number(self) -> str | None:
        """The digits of ``;rn=``, by which a ported number is routed; None without one.

        Without visual separators, in upper case, and with "+" if it is a global one.
        """
        return self._meaning("rn")

    @property
    def routing_context(self) -> str | None:
        """The value of ``;rn-context=``, spelt as `phone_context` is; None without one."""
        return self._meaning("rn-context")

    @property
    def carrier(self) -> str | None:
        """The carrier identification code of ``;cic=``, spelt as `routing_number` is."""
        return self._meaning("cic")

    @property
    def carrier_context(self) -> str | None:
        """The value of ``;cic-context=``, spelt as `phone_context` is; None without one."""
        return self._meaning("cic-context")

    def globalised(self) -> TelUri:
        """The global number that a local one is behind its context (RFC 3966 §5.1.5).

        It is for the numbering plan to say whether the two make a number: behind a context of
        "+1", the local number 911 does not. A number that is global already is returned as it is.

        >>> str(TelUri.parse("tel:7042;phone-context=+1914555").globalised())
        'tel:+19145557042'

        Raises:
            InvalidNumber: The context is a domain, the number has other characters than digits,
                or more digits than E.164 allows would come together.
        """
        if self.is_global:
            return self
        context = self.phone_context or ""
        fault = next(globalising_faults(self.number, context), None)
        if fault:
            raise refusal(InvalidNumber, str(self), fault)
        return evolve(self, number=f"{context}{self.number}", phone_context=None)

    def __str__(self) -> str:
        # RFC 3966 §3: "The 'isdn-subaddress' or 'extension' MUST appear first, if present, followed
        # by the 'context' parameter, if present, followed by any other parameters in
        # lexicographical order."
        first = (
            ("isub", self.subaddress),
            ("ext", self.extension),
            ("phone-context", self.phone_context),
        )
        others = sorted(self.parameters, key=itemgetter(0))
        return f"tel:{self.number}" + written_parameters(
            [
                *(pair for pair in first if pair[1] is not None),
                *((name, _plain(name, value)) for name, value in others),
            ]
        )

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, TelUri):
            return NotImplemented
        return self._comparable() == other._comparable()

    def __hash__(self) -> int:
        return hash(self._comparable())

    def _comparable(self) -> tuple[object, ...]:
        """All of it, in the one spelling of all that equal it."""
        return (
            self.number,
            self.extension,
            self.subaddress and meaning("isub", self.subaddress),
            self.phone_context,
            frozenset(
                (name, None if value is None else meaning(name, value))
                for name, value in self.parameters
            ),
        )

    def _has(self, wanted: str) -> bool:
        return any(name == wanted for name, _ in self.parameters)

    def _meaning(self, wanted: str) -> str | None:
        return next(
            (meaning(name, value) for name, value in self.parameters if value and name == wanted),
            None,
        )


_PORTABILITY: Final = frozenset({"rn", "rn-context", "cic", "cic-context"})


def _plain(name: str, value: str | None) -> str | None:
    """The value of a parameter to be written: without separators if it is a number."""
    return meaning(name, value) if value and name in _PORTABILITY else value


def _as_text(given: str | bytes) -> str:
    return as_text(given, "a telephone number", InvalidNumber)
