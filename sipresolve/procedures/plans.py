"""Prepared plans: a search that need not be made again, but for its dice.

A plan is the record of one complete search: its SRV sets as groups of ready targets. The same dice
give the same order by a plan and by the search that it was made of, since both draw by the same
functions, for the same sets, one after the other.
"""

from __future__ import annotations

from itertools import chain
from typing import TYPE_CHECKING

from attrs import frozen

from sipresolve.procedures.addresses import in_canonical_order, in_order, interleaved, rank
from sipresolve.procedures.ordering import by_priority, draw, permuted
from sipresolve.vocabulary.policy import AddressOrder, Selection
from sipresolve.vocabulary.records import Source

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from random import Random

    from sipresolve.procedures.routes import Route
    from sipresolve.procedures.search import Search
    from sipresolve.vocabulary.records import Answer
    from sipresolve.vocabulary.targets import Target

__all__ = ["Plan", "prepared"]


@frozen
class _Host:
    """The targets of one host.

    Attributes:
        fixed: In their order, where dice have no say in it; else empty.
        canonical: In an order that is always the same.
        ranks: The rank of each of these (RFC 6724 §6).
        interleaves: Whether the families take turns in the end (RFC 8305 §4).
    """

    fixed: tuple[Target, ...]
    canonical: tuple[Target, ...]
    ranks: tuple[tuple[int, ...], ...]
    interleaves: bool

    def drawn(self, seed: int) -> tuple[Target, ...]:
        numbers = permuted(range(len(self.canonical)), seed)
        numbers.sort(key=self.ranks.__getitem__)
        targets = {self.canonical[each].address: self.canonical[each] for each in numbers}
        ordered = interleaved(list(targets)) if self.interleaves else targets
        return tuple(targets[address] for address in ordered)


@frozen
class _Group:
    """The hosts that one draw puts in order: the SRV records of one priority, or a domain."""

    weights: tuple[int, ...]
    hosts: tuple[_Host, ...]


@frozen
class Plan:
    """What a search found, and where dice decide its order.

    Attributes:
        groups: What is drawn, one after the other.
        uses_dice: Whether it is; else the order is always the same (RFC 3263 §4.4).
    """

    groups: tuple[_Group, ...]
    uses_dice: bool

    def targets(self, rng: Random) -> Iterator[Target]:
        """The targets in order, each host drawn when its first is asked for."""
        for group in self.groups:
            hosts = group.hosts
            if not self.uses_dice:
                yield from chain.from_iterable(host.fixed for host in hosts)
                continue
            for number, seed in draw(group.weights, rng):
                yield from hosts[number].fixed or hosts[number].drawn(seed)

    def all_targets(self, rng: Random) -> tuple[Target, ...]:
        """The same at once, which is what a repeated call mostly consists of."""
        if not self.uses_dice:
            return tuple(self.targets(rng))
        found: list[Target] = []
        for group in self.groups:
            hosts = group.hosts
            for number, seed in draw(group.weights, rng):
                found += hosts[number].fixed or hosts[number].drawn(seed)
        return tuple(found)


def prepared(search: Search) -> Plan | None:
    """The plan of a search that is over; None where another might go another way.

    So it is where something was not waited for, failed, was stale, refused or left out, and where
    the next search has to ask somebody: then a plan would be of little use. A numeric host needs
    none.
    """
    if search.is_exceptional or not search.draws or not all(map(_is_settled, search.used)):
        return None
    groups = tuple(_group(search, alike) for routes in search.draws for alike in _alike(routes))
    return Plan(groups, search.policy.selection is Selection.WEIGHTED)


def _is_settled(answer: Answer) -> bool:
    return answer.source is Source.CACHE and not answer.status.is_failure


def _alike(routes: Sequence[Route]) -> Iterator[Sequence[Route]]:
    """The routes of one priority after the other, in canonical order."""
    by_record = {route.srv: route for route in routes if route.srv}
    if not by_record:  # It is the domain itself.
        yield routes
    for alike in by_priority(route.srv for route in routes if route.srv):
        yield [by_record[srv] for srv in alike]


def _group(search: Search, routes: Sequence[Route]) -> _Group:
    return _Group(
        tuple(route.srv.weight if route.srv else 0 for route in routes),
        tuple(_host(search, route) for route in routes),
    )


def _host(search: Search, route: Route) -> _Host:
    answers = [search.known[question] for question in route.questions]
    targets = {
        address: route.target(address, (answer,))
        for answer in answers
        for address in answer.addresses
    }
    order, sources = search.policy.address_order, search.sources
    canonical = in_canonical_order(targets)
    ranks = tuple(rank(address, sources) for address in canonical)
    is_fixed = route.seed is None or len(set(ranks)) == len(ranks)
    fixed = in_order(targets, sources=sources, order=order, seed=route.seed) if is_fixed else ()
    return _Host(
        tuple(targets[address] for address in fixed),
        tuple(targets[address] for address in canonical),
        ranks,
        order is AddressOrder.INTERLEAVED,
    )
