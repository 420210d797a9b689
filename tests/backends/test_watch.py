"""Waiting for many sockets, and being woken."""

from __future__ import annotations

import selectors
import socket
import time
from contextlib import contextmanager
from typing import TYPE_CHECKING, cast

import pytest
from loopback import open_descriptors

from sipresolve.backends.watch import Watch

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sipresolve.backends.channels import Channel


class End:
    """One end of a pair of sockets, as a channel."""

    def __init__(self, end: socket.socket, interest: int = selectors.EVENT_READ) -> None:
        self.socket = end
        self.interest = interest


@contextmanager
def pair() -> Iterator[tuple[Channel, socket.socket]]:
    ours, theirs = socket.socketpair()
    with ours, theirs:
        yield cast("Channel", End(ours)), theirs


@pytest.fixture
def watch() -> Iterator[Watch[str]]:
    watch: Watch[str] = Watch()
    yield watch
    watch.close()


def test_it_says_whose_socket_can_be_read(watch: Watch[str]) -> None:
    with pair() as (first, to_first), pair() as (second, _to_second):
        watch.add(first, "first")
        watch.add(second, "second")
        assert watch.wait(0) == []
        to_first.send(b"!")
        assert watch.wait(5) == [(first, "first")]


def test_it_follows_what_a_channel_is_interested_in(watch: Watch[str]) -> None:
    with pair() as (channel, _):
        watch.add(channel, "owner")
        watch.update(channel)
        assert watch.wait(0) == []
        channel.interest = selectors.EVENT_WRITE
        watch.update(channel)
        assert watch.wait(0) == [(channel, "owner")]


def test_what_is_dropped_is_closed_and_forgotten(watch: Watch[str]) -> None:
    with pair() as (channel, theirs), pair() as (unknown, _):
        watch.add(channel, "owner")
        theirs.send(b"!")
        watch.drop(channel)
        watch.drop(unknown)
        assert watch.wait(0) == []
        assert channel.socket.fileno() == unknown.socket.fileno() == -1


def test_a_wake_ends_one_wait(watch: Watch[str]) -> None:
    for _ in range(100):
        watch.wake()
    began = time.monotonic()
    assert watch.wait(60) == []
    assert time.monotonic() - began < 5
    assert watch.wait(0.01) == []
    assert time.monotonic() - began >= 0.01


def test_wakes_that_nobody_hears_do_no_harm(watch: Watch[str]) -> None:
    for _ in range(10_000):
        watch.wake()
    assert watch.wait(0) == []


def test_what_it_holds_is_given_back() -> None:
    before = open_descriptors()
    watch: Watch[str] = Watch()
    assert open_descriptors() > before
    watch.close()
    assert open_descriptors() == before


def test_what_it_cannot_have_whole_it_does_not_keep(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse() -> None:
        raise OSError(24, "Too many open files")

    before = open_descriptors()
    monkeypatch.setattr(socket, "socketpair", refuse)
    with pytest.raises(OSError, match="Too many"):
        Watch()
    assert open_descriptors() == before
