"""What URIs and Via headers have in common as texts: how they are taken, refused and written."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, TypeVar

from sipresolve.vocabulary.errors import InvalidText
from sipresolve.vocabulary.hosts import quoted

if TYPE_CHECKING:
    from collections.abc import Iterable

    from sipresolve.vocabulary.hosts import Fault

__all__ = ["as_text", "refusal", "written_parameters"]

#: The longest text that is looked at: no datagram brings a longer one. The grammars have no limit.
_LONGEST: Final = 65_535

_Refusal = TypeVar("_Refusal", bound=InvalidText)


def as_text(given: str | bytes, name: str, error: type[InvalidText]) -> str:
    """What was given, as text.

    Args:
        given: Octets have to be UTF-8.
        name: What it should be, for a message: ``"a URI"``.
        error: What to raise if it is too long.

    Raises:
        TypeError: It is not even text.
    """
    if isinstance(given, bytes):
        # What is not UTF-8 becomes lone surrogates, and those no grammar has.
        given = given.decode("utf-8", "surrogateescape")
    elif not isinstance(given, str):
        raise TypeError(f"{name} is str or bytes, not {type(given).__name__}")
    if len(given) > _LONGEST:
        raise refusal(error, given, (_LONGEST, f"no more than {_LONGEST} characters are read"))
    return given


def refusal(error: type[_Refusal], text: str, fault: Fault) -> _Refusal:
    """The error that says where a text departs from its grammar, and how."""
    position, message = fault
    said = f"{message}, at position {position} of {quoted(text)}"
    return error(said, text=text, position=position)


def written_parameters(parameters: Iterable[tuple[str, str | None]]) -> str:
    """The text of parameters: ``";name=value"``, or ``";name"`` for one without a value."""
    return "".join(
        f";{name}" if value is None else f";{name}={value}" for name, value in parameters
    )
