"""Which domains had SIPS among their NAPTR records: where it vanishes, that may be an attack.

"A client which frequently contacts the same domain SHOULD cache whether or not its NAPTR records
contain SIPS in the services field. If such records were present, but in later queries cease to
appear, it is a sign of a potential attack. In this case, the client SHOULD generate some kind of
alert or alarm" (RFC 3263 §7).
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from sipresolve.vocabulary.records import RecordType, Source
from sipresolve.vocabulary.targets import Note

if TYPE_CHECKING:
    from sipresolve.vocabulary.records import Answer

__all__ = ["MOST_DOMAINS", "SipsMemory"]

#: How many domains are remembered.
MOST_DOMAINS: Final = 10_000

_SIPS_SERVICE: Final = re.compile(r"SIPS\+D2", re.IGNORECASE)


class SipsMemory:
    """The domains that had SIPS. It is pure, and no lock guards it.

    A domain is remembered for as long as the process lives, or until `limit` others have been seen
    since: an attack does not end by being told of once, so neither do the warnings before SIPS is
    back. Who knows that a domain gave it up says so with `forget`.
    """

    def __init__(self, limit: int = MOST_DOMAINS) -> None:
        """Begin with no domain.

        Args:
            limit: How many domains are remembered; the least recently seen goes first.
        """
        self._limit = limit
        self._domains: dict[str, None] = {}  # the least recently seen first

    def vanished(self, answer: Answer) -> Note | None:
        """Learn from an answer, and say whether SIPS is missing that was there before.

        Failures say nothing, nor do stale answers, nor a set of which records were left out.
        """
        if not _tells(answer):
            return None
        domain = answer.question.name
        has_sips = any(_SIPS_SERVICE.match(naptr.service) for naptr in answer.naptrs)
        if has_sips:
            self._remember(domain)
            return None
        if answer.left_out or domain not in self._domains:
            return None
        self._remember(domain)
        message = f"{domain} had SIPS among its NAPTR records, and has it no more (RFC 3263 §7)"
        return Note(code="sips-naptr-vanished", message=message, question=answer.question)

    def forget(self, domain: str | None = None) -> None:
        """Take it that a domain gave SIPS up; None for all of them.

        Args:
            domain: Its name, in lower case and without a final dot.
        """
        if domain is None:
            self._domains.clear()
        else:
            self._domains.pop(domain, None)

    def _remember(self, domain: str) -> None:
        self._domains.pop(domain, None)
        self._domains[domain] = None
        if len(self._domains) > self._limit:
            del self._domains[next(iter(self._domains))]


def _tells(answer: Answer) -> bool:
    """Whether an answer says which NAPTR records a domain has now."""
    return (
        answer.question.type is RecordType.NAPTR
        and not answer.status.is_failure
        and answer.source is not Source.STALE
    )
