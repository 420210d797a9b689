"""The substitution expressions of NAPTR records (RFC 3402 §3.2), safe whoever wrote them.

Anybody can publish one, so nothing here costs more than a time linear in the pattern, whatever the
pattern is: the extended regular expressions of POSIX are matched by RE2 (``google-re2``, the extra
``enum``), within bounds of memory.
"""

from __future__ import annotations

import re
from functools import cache, lru_cache
from typing import Any, Final, Protocol

from attrs import frozen

from sipresolve.vocabulary.errors import Misuse

__all__ = ["BadExpression", "Substitution", "require_matcher"]


class BadExpression(ValueError):
    """An expression that cannot be used; its text says why. It does not leave the procedures."""


@frozen
class Substitution:
    """A substitution expression.

    Attributes:
        ere: The extended regular expression, as octets, without escapes of the delimiter.
        repl: What the result is made of: octets, and the numbers of back-references.
        ignores_case: Whether the flag ``i`` is there.
    """

    ere: bytes
    repl: tuple[bytes | int, ...]
    ignores_case: bool = False

    @classmethod
    def parse(cls, regexp: bytes) -> Substitution:
        r"""Read the regexp field of a record.

        ::

            subst-expr = delim-char  ere  delim-char  repl  delim-char  *flags

        >>> Substitution.parse(rb"!^\+44(.*)$!sip:\1@example.com!").repl
        (b'sip:', 1, b'@example.com')

        Raises:
            BadExpression: It is none.
        """
        if len(regexp) > _LONGEST:
            raise BadExpression(f"it is longer than {_LONGEST} octets")
        if not regexp:
            raise BadExpression("it is empty")
        delimiter = regexp[:1]
        if delimiter in _NO_DELIMITER:
            raise BadExpression(f"{_text(delimiter)!r} cannot be its delimiter")
        parts = _split(regexp[1:], delimiter)
        if len(parts) != _PARTS:
            count = len(parts)  # the first delimiter has been taken off
            raise BadExpression(f"it has {count} unescaped delimiters {_text(delimiter)!r}, not 3")
        ere, repl, flags = parts
        if flags.strip(b"iI"):
            raise BadExpression(f"its flags {_text(flags)!r} are not 'i'")
        return cls(_plain_ere(ere, delimiter), _pieces(repl, delimiter), bool(flags))

    def apply(self, subject: str) -> bytes | None:
        """The result for the Application Unique String; None where the pattern does not match.

        It is the replacement, with its back-references filled in, also where the pattern matches a
        part of the string only.

        Raises:
            BadExpression: The pattern is no extended regular expression, or too costly; or the
                replacement refers to a group that is not there.
        """
        octets = subject.encode("ascii")
        groups = _matcher()(self.ere, octets, ignores_case=self.ignores_case)
        if groups is None:
            return None
        return b"".join(_filled(piece, groups) for piece in self.repl)


#: A field of a NAPTR record is one character-string (RFC 3403 §4.1), of so many octets at most.
_LONGEST: Final = 255
_PARTS: Final = 3

#: delim-char = "/" / "!" / <Any octet not in 'POS-DIGIT' or 'flags'>; what escapes is none either.
_NO_DELIMITER: Final = b"123456789iI\\"


def _split(text: bytes, delimiter: bytes) -> list[bytes]:
    """What stands before each unescaped delimiter, and behind the last."""
    parts = [b""]
    for run in _runs(text):
        first, *others = [run] if run[:1] == b"\\" else run.split(delimiter)
        parts[-1] += first
        parts += others
    return parts


#: The parts of a text: octets that nothing escapes together, and each other with its backslash.
_runs: Final = re.compile(rb"[^\\]++|\\.?+", re.DOTALL).findall


# --- The pattern


def _plain_ere(ere: bytes, delimiter: bytes) -> bytes:
    """The pattern without escapes of the delimiter.

    "escaped occurrences of the delimiter character will be interpreted as occurrences of that
    character": one that means more in a pattern keeps its backslash.
    """
    escaped = b"\\" + delimiter
    plain = escaped if delimiter in _SPECIAL else delimiter
    return b"".join(plain if run == escaped else run for run in _runs(ere))


#: What a pattern has to escape to mean it.
_SPECIAL: Final = b"^.[]$()|*+?{}"


def _in_re2(ere: bytes) -> bytes:
    """The pattern in the words of RE2, which differ from those of POSIX in a few places."""
    written, before = bytearray(), b"^"
    for token in _ere_tokens(ere):
        before = _token_in_re2(token, before)
        written += before
    return _TABLE.sub(_longest_first, bytes(written))


#: Bracket expressions, intervals, and octets, each with the backslash that escapes it. A bracket
#: that is not closed takes all the rest, so that no octet is looked at twice.
_ere_tokens: Final = re.compile(
    rb"\[\^?+\]?+(?:\[:[^]:]*+:\]|[^]])*+\]?+|\{[0-9]++,?+[0-9]*+\}|\\?.", re.DOTALL
).findall


def _token_in_re2(token: bytes, before: bytes) -> bytes:
    if token == b"+" and before in _BEGINNINGS:
        # RFC 6116 §5.1 wants the literal plus escaped, but "^+44" occurs. With nothing to repeat,
        # at the beginning of a pattern, a group or an alternative, it can mean itself alone.
        return b"\\+"
    if len(token) == 1:
        return token
    if token[:1] == b"[":
        return _bracket_in_re2(token)
    if token[:1] == b"\\" and token[1:].isalnum():
        raise BadExpression(f"its pattern has {_text(token)!r}, which POSIX gives no meaning")
    if any(int(count) > _MOST_REPEATED for count in _counts(token)):
        raise BadExpression(f"its pattern repeats more than {_MOST_REPEATED} times: {_text(token)}")
    return token


#: Behind these a pattern, a group or an alternative begins.
_BEGINNINGS: Final = frozenset({b"^", b"(", b"|"})

#: RE_DUP_MAX: the largest count that every implementation of POSIX has to take.
_MOST_REPEATED: Final = 255

#: The counts of an interval; none of any other token.
_counts: Final = re.compile(rb"(?:^\{|,)([0-9]+)").findall


def _bracket_in_re2(bracket: bytes) -> bytes:
    """In a bracket expression, a backslash is an octet as others; collating elements RE2 lacks."""
    if _COLLATION.search(bracket, 1):
        raise BadExpression(f"its pattern has collating elements: {_text(bracket)}")
    return bracket.replace(b"\\", b"\\\\")


_COLLATION: Final = re.compile(rb"\[[.=]")


def _longest_first(table: re.Match[bytes]) -> bytes:
    """RE2 takes the first number that fits, where POSIX wants the longest.

    What has the look of a table within a bracket expression is a set of octets in any order, and
    begins and ends with the same octet as before, which may be the bound of a range.
    """
    numbers = sorted(table[1].split(b"|"), key=len, reverse=True)
    return b"(%b)" % b"|".join(numbers)


#: A group that is not repeated, and chooses among plain numbers: ``(44|442)``. A parenthesis behind
#: a backslash may be escaped, and is left alone.
_TABLE: Final = re.compile(rb"(?<!\\)\(((?:[0-9|]|\\\+)++)\)(?![*+?{])")


# --- The replacement


def _pieces(repl: bytes, delimiter: bytes) -> tuple[bytes | int, ...]:
    pieces: list[bytes | int] = []
    literal = bytearray()
    for run in _runs(repl):
        if run[:1] != b"\\":
            literal += run
        elif run[1:] == delimiter:
            literal += delimiter
        elif run[1:] in _BACK_REFERENCES:
            pieces += [bytes(literal), int(run[1:])]
            literal.clear()
        else:
            raise BadExpression(f"{_text(run)!r} is no back-reference, which are \\1 to \\9")
    return tuple(piece for piece in (*pieces, bytes(literal)) if piece)


_BACK_REFERENCES: Final = frozenset(b"%d" % digit for digit in range(1, 10))


def _filled(piece: bytes | int, groups: tuple[bytes | None, ...]) -> bytes:
    if isinstance(piece, bytes):
        return piece
    if piece > len(groups):
        raise BadExpression(f"\\{piece} refers to a group that the pattern does not have")
    # "the (possibly empty) string of characters": also where a group took no part in the match.
    return groups[piece - 1] or b""


# --- The matcher


class _Matcher(Protocol):
    """Finds the groups of the longest of the leftmost matches; None where there is no match."""

    def __call__(
        self, ere: bytes, subject: bytes, *, ignores_case: bool
    ) -> tuple[bytes | None, ...] | None: ...


def require_matcher() -> None:
    """Make sure that expressions can be matched.

    Raises:
        Misuse: RE2 is not installed.
    """
    _matcher()


@cache
def _matcher() -> _Matcher:
    """RE2, which nobody needs who maps no numbers."""
    try:
        import re2  # noqa: PLC0415 - an extra

        options = {ignores_case: _options(re2, ignores_case) for ignores_case in (False, True)}
    except (ImportError, AttributeError) as error:  # other packages have a module of that name
        message = "telephone numbers are mapped with google-re2, which is not installed"
        raise Misuse(f"{message}: pip install 'sipresolve[enum]'") from error

    @lru_cache(_KEPT)
    def compiled(ere: bytes, *, ignores_case: bool) -> Any:  # noqa: ANN401 - it has no types
        try:
            return re2.compile(_in_re2(ere), options[ignores_case])
        except re2.error as error:
            raise BadExpression(f"its pattern cannot be used: {_reason(error)}") from error

    def groups_of(
        ere: bytes, subject: bytes, *, ignores_case: bool
    ) -> tuple[bytes | None, ...] | None:
        found = compiled(ere, ignores_case=ignores_case).search(subject)
        return None if found is None else tuple(found.groups())

    return groups_of


#: How many patterns are kept: those of a zone differ far less than their replacements.
_KEPT: Final = 128


#: For a program and for what its matching needs, in octets: room for about 2,000 instructions. A
#: pattern that counts to 15 ten times over has room, and few cost more than a millisecond.
_MEMORY: Final = 32_768


def _options(re2: Any, ignores_case: bool) -> Any:  # noqa: ANN401, FBT001 - it has no types
    options = re2.Options()
    options.posix_syntax = True
    options.longest_match = True
    options.one_line = True
    options.log_errors = False
    options.max_mem = _MEMORY
    # Octets as they are: what is not UTF-8 matches nothing that a number has, and breaks nothing.
    options.encoding = re2.Options.Encoding.LATIN1
    options.case_sensitive = not ignores_case
    return options


def _reason(error: Exception) -> str:
    said = error.args[0]
    return _text(said) if isinstance(said, bytes) else str(said)


def _text(octets: bytes) -> str:
    return octets.decode("ascii", "backslashreplace")
