"""Substitution expressions that somebody might publish to do harm: many kinds, seeded dice."""

from __future__ import annotations

import string
from random import Random
from typing import TYPE_CHECKING, Final, TypeAlias

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

__all__ = ["HOSTILE", "LONGEST", "SLOWEST", "hostile_regexps"]

#: As long as the field of a record can be, in octets.
LONGEST: Final = 255

Kind: TypeAlias = "Callable[[Random], bytes]"


def hostile_regexps(count: int, seed: int) -> Iterator[tuple[str, bytes]]:
    """Different expressions, with the names of their kinds in turn."""
    dice, seen = Random(seed), set[bytes]()
    kinds = [*HOSTILE.items()]
    while len(seen) < count:
        name, kind = kinds[len(seen) % len(kinds)]
        regexp = kind(dice)[:LONGEST]
        if regexp not in seen:
            seen.add(regexp)
            yield name, regexp


def _expression(ere: str | bytes, repl: bytes = rb"sip:\1@example.com") -> bytes:
    """With a pattern that is cut where there is no more room, and then most often unbalanced."""
    octets = ere if isinstance(ere, bytes) else ere.encode("latin-1")
    return b"!%b!%b!" % (octets[: LONGEST - 3 - len(repl)], repl)


def _balanced(dice: Random, parts: list[str], longest: int = 246) -> bytes:
    """As many parts as there is room for, drawn among these, and their groups closed."""
    ere, opened = "", 0
    for _ in range(dice.randint(1, 200)):
        part = dice.choice(parts)
        part = "" if part == ")" and not opened else part
        if len(ere) + len(part) + opened + 1 > longest:
            break
        ere += part
        opened += part.count("(") - part.count(")")
    return b"!%b!!" % f"{ere}{')' * opened}".encode("latin-1")


_ATOMS: Final = [".", "4", "[^+]", "[0-9]", "[[:digit:]]", "(.)", "(4|44)", "(.?)", "(|4)", "x"]
_COUNTS: Final = ["*", "+", "?", "{0,}", "{1,}", "{2,9}", "{0,255}", "{255}"]


def _nested_stars(dice: Random) -> bytes:
    ere, depth = dice.choice(_ATOMS), dice.randint(2, 120)
    while depth and len(ere) < 225:
        ere = f"({dice.choice(['', '', '.', '4', 'x?'])}{ere}){dice.choice(_COUNTS[:5])}"
        depth -= 1
    return _expression(f"^{ere}{dice.choice(['', 'x', '$', 'x$'])}")


def _repetitions(dice: Random) -> bytes:
    """Huge ones, beside one another and within one another."""
    most = dice.choice([9, 31, 255, 1000, 99_999, 2**31, 10**30])
    ere = dice.choice(_ATOMS)
    for _ in range(dice.randint(1, 30)):
        least = dice.randint(0, most)
        count = dice.choice(["{%d}", "{%d,}", "{0,%d}", "{%d,%d}"])
        count %= (least, dice.randint(least, most))[: count.count("%d")]
        ere = dice.choice([f"({ere}){count}", f"{ere}{dice.choice(_ATOMS)}{count}"])
    return _expression(ere, b"")


def _groups(dice: Random) -> bytes:
    atom = dice.choice(["", ".", ".?", ".*", "4|", "4?|4?", ".{0,15}"])
    count = dice.choice(["", "", "*", "?", "+", "{0,9}"])
    many = dice.randint(9, 126)
    if dice.random() < 0.5:
        return _expression(f"({atom}){count}" * many, rb"\1\9")
    deep = min(many, 245 // (len(atom) + len(count) + 2))
    return _expression(f"({atom}" * deep + f"){count}" * deep, rb"\9")


def _alternatives(dice: Random) -> bytes:
    words = [dice.choice("+4x.") * dice.randint(0, 9) for _ in range(dice.randint(2, 90))]
    ere = "|".join(words)[:230]
    return _expression(f"^({ere}){dice.choice(_COUNTS)}$")


def _brackets(dice: Random) -> bytes:
    members = [
        *string.printable,
        "[:digit:]",
        "[:nosuch:]",
        "[.x.]",
        "[=x=]",
        "0-9",
        "z-a",
        "[:",
        ":]",
    ]
    ere = ""
    for _ in range(dice.randint(1, 40)):
        chosen = dice.choices(members, k=dice.randint(0, 9))
        ere += (
            f"[{dice.choice(['', '^', ']', '^]'])}{''.join(chosen)}]{dice.choice(['', *_COUNTS])}"
        )
    return _expression(ere.replace("!", ""))


def _not_utf8(dice: Random) -> bytes:
    pieces = [
        b"\xc3",
        b"\xff",
        b"\xed\xa0\x80",
        b"\xf8\x88",
        b"[\x80-\xff]",
        b"[^\xc0-\xc1]",
        b"\0",
    ]
    pieces += [b"(\xf4)*", b"\xe2\x82{0,9}", b".", b"\\+44", b"^", b"$", b"|"]
    ere = b"".join(dice.choices(pieces, k=dice.randint(1, 60)))
    return _expression(ere, dice.choice([b"\xff\\1", b"sip:\xc3\xa9@example.com", b"\0"]))


def _unbalanced(dice: Random) -> bytes:
    octets = "()[]{}|*+?^$.\\,:-=!" + dice.choice(["", "0123456789", "4!", "[[:digit:]]"])
    return ("!" + "".join(dice.choices(octets, k=dice.randint(0, LONGEST)))).encode()


def _random_octets(dice: Random) -> bytes:
    octets = dice.randbytes(dice.randint(0, LONGEST))
    return dice.choice([octets, _expression(octets.replace(b"!", b"")), b"!" + octets])


def _back_references(dice: Random) -> bytes:
    ere = dice.choice(["(.*)", "^(((((((((.*)))))))))$", "(.*)(.*)", "(.)(.)(.)(.)(.)(.)(.)(.)(.)"])
    references = "".join(f"\\{dice.randint(1, 9)}" for _ in range(dice.randint(1, 120)))
    return f"!{ere}!{references}!".encode()


_VALID: Final = [
    rb"!^.*$!sip:info@example.com!",
    rb"!^\+44(.*)$!sip:\1@example.com;user=phone!",
    rb"!^(\+441632960083)$!sip:\1@example.com!i",
    rb"!^\+1([2-9][0-9]{2})([2-9][0-9]{2})([0-9]{4})$!sip:\1-\2-\3@gw.example.com:5070!",
    rb"/^\+(44|49|33)([[:digit:]]{6,12})$/sips:+\1.\2@[2001:db8::1]\/x/",
    rb"#^(\+[0-9]+)(;.*)?$#tel:\1;npdi;rn=+1202\1#",
]


def _mutated(dice: Random) -> bytes:
    octets = bytearray(dice.choice(_VALID))
    for _ in range(dice.randint(1, 12)):
        start = dice.randrange(len(octets) + 1)
        end = min(len(octets), start + dice.randint(0, 4))
        kept = bytes(octets[start:end])
        octets[start:end] = dice.choice(
            [b"", kept * 2, kept[::-1], dice.randbytes(1), dice.choice(_PIECES), kept * 20]
        )
    return bytes(octets)


_PIECES: Final = [
    b"\\",
    b"!",
    b"(",
    b")",
    b"[",
    b"]",
    b"{9,}",
    b"{0,255}",
    b"*",
    b"+",
    b"\\1",
    b"|",
]


def _costly(dice: Random) -> bytes:
    """What a search for the slowest has led to: groups, counts and stars that can match nothing."""
    parts = ["(.?)", "(.?)*", "(.?)", ".?", "x?", "(|)", "()", "(", ")", "(.*)*", "a*", "{0,255}"]
    atoms = ["(.?){0,255}", "(.?){31}", "((.?){9}){9}", ".{0,255}", "(.{1,255})", "[^4x]{0,99}"]
    return _balanced(dice, parts[:11] + dice.choices(atoms, k=dice.randint(0, 3)))


#: The kinds, by their names.
HOSTILE: Final[dict[str, Kind]] = {
    "nested stars": _nested_stars,
    "huge repetitions": _repetitions,
    "many groups": _groups,
    "many alternatives": _alternatives,
    "brackets": _brackets,
    "no UTF-8": _not_utf8,
    "unbalanced": _unbalanced,
    "random octets": _random_octets,
    "many back-references": _back_references,
    "valid ones mutated": _mutated,
    "costly": _costly,
}

#: The slowest that a search has found, which changed what it had a little, again and again, and
#: kept what took longer. It has dozens of groups, which can all match nothing, and about as many
#: instructions as can be.
SLOWEST: Final = (
    b"!(.?)*(.?)(.?)*(.?)*(.?)*(.?){2,}()x?((.?){31}****(.?)(.?)((.?)(.?)*(.?)(.?)()(.?)(.?)(.?)"
    b"(.?)()((.?)(.?)*(.?){1,255}(.?)(|)(|)*(.?)(.?)*(.?)(.*)*(.?)*(.?)*(.?)(.?)*(.?)()(.*)((.?)"
    b"()((.?)()((.?)()((.?)()()()((.?)()()((.?)()){31}*((.?)*(.?)((.)))))))))))!!"
)
