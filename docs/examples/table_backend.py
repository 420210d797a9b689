"""A backend that answers from a table, as a program has one that knows its sites by itself."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress
from queue import Empty, SimpleQueue
from time import monotonic
from typing import Any

from attrs import evolve

from sipresolve import Answer, Question, Status

#: Name, then type, then the TTL and the records; CNAME and DNAME have the TTL and one name.
Table = Mapping[str, Mapping[str, tuple[Any, ...]]]

NEGATIVE_TTL = 60  # for how long an absence holds, in seconds


class TableBackend:
    """For blocking programs."""

    def __init__(self, table: Table) -> None:
        self._table = table
        self._answers: SimpleQueue[Answer] = SimpleQueue()

    def start(self, question: Question) -> None:
        self._answers.put(look_up(self._table, question))

    def wait(self, until: float) -> list[Answer]:
        with suppress(Empty):
            return [self._answers.get(timeout=max(until - monotonic(), 0))]
        return []

    def close(self) -> None:
        self._answers = SimpleQueue()


class SharedTable:
    """For any number of blocking resolvers: each has a `TableBackend` of its own."""

    def __init__(self, table: Table) -> None:
        self._table = table

    def attach(self) -> TableBackend:
        return TableBackend(self._table)


class AsyncTableBackend:
    """For asynchronous programs."""

    def __init__(self, table: Table) -> None:
        self._table = table

    async def ask(self, question: Question) -> Answer:
        return look_up(self._table, question)

    async def aclose(self) -> None:
        pass


def look_up(table: Table, question: Question, hops: int = 8) -> Answer:
    """The answer to a question, whatever it is."""
    name, kind = question.name, question.type
    if alias := alias_of(table, name):
        if not hops:
            return Answer(question=question, status=Status.SERVFAIL, loop=True)
        ttl, target = alias
        found = look_up(table, Question(target, kind), hops - 1)
        least = None if found.ttl is None else min(ttl, found.ttl)
        return evolve(found, question=question, aliases=(target, *found.aliases), ttl=least)
    if kind in table.get(name, {}):
        ttl, *records = table[name][kind]
        return Answer(question=question, status=Status.OK, records=tuple(records), ttl=ttl)
    exists = any(other == name or other.endswith(f".{name}") for other in table)
    status = Status.NODATA if exists else Status.NXDOMAIN
    return Answer(question=question, status=status, ttl=NEGATIVE_TTL)


def alias_of(table: Table, name: str) -> tuple[int, str] | None:
    """Where a CNAME leads, or a DNAME above the name (RFC 6672): a TTL and a name."""
    for end in (at for at, character in enumerate(name) if character == "."):
        ttl, target = table.get(name[end + 1 :], {}).get("DNAME", (0, ""))
        if target:
            return ttl, f"{name[:end]}.{target}"
    cname: tuple[int, str] | None = table.get(name, {}).get("CNAME")
    return cname
