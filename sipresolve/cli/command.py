"""A sub-command that finds servers: its arguments, its run, and what became of it.

``resolve`` and ``via`` differ in what their `Command` says, and in nothing else.
"""

from __future__ import annotations

import argparse
import time
from typing import TYPE_CHECKING, Protocol

from attrs import evolve, frozen

from sipresolve import InputError, Policy, Resolver, SipResolveError, backends
from sipresolve.cli.parsing import (
    EXIT_STATUSES,
    UsageError,
    add_client_options,
    add_dnssec_options,
    add_json_option,
    add_source_options,
    add_version_option,
    policy_of,
)
from sipresolve.cli.replies import Circumstances, Outcome
from sipresolve.cli.text import visible

if TYPE_CHECKING:
    from sipresolve import Resolution
    from sipresolve.cli.parsing import Subparsers

__all__ = ["Command", "Find"]


class Find(Protocol):
    """A method of `Resolver` that finds servers."""

    def __call__(self, resolver: Resolver, subject: str, /, *, seed: int | None) -> Resolution:
        """Find the servers for what was given, or raise a `SipResolveError`."""


@frozen(kw_only=True)
class Command:
    """A sub-command that finds servers.

    Attributes:
        name: As it is typed.
        key: What is resolved, as a JSON document and, in upper case, the usage name it.
        subject: What is resolved, for the help.
        help: What it does, in the list of sub-commands.
        description: What it does, above its own help.
        examples: How it is called, for its own help; a line each.
        find: What it does.
        transports: What ``--transports`` means to it.
        restricting: The options that may rule out what the domain has.
        quoting: What to say where there are words too many, as there are without quotes.
    """

    name: str
    key: str
    subject: str
    help: str
    description: str
    examples: tuple[str, ...]
    find: Find
    transports: str
    restricting: tuple[str, ...]
    quoting: str = ""

    def add_to(self, commands: Subparsers) -> None:
        """Add it to the program."""
        parser = commands.add_parser(
            self.name,
            help=self.help,
            description=self.description,
            usage=self._usage,
            epilog="\n  ".join(["examples:", *self.examples]) + f"\n\n{EXIT_STATUSES}",
            formatter_class=argparse.RawDescriptionHelpFormatter,
            allow_abbrev=False,
        )
        parser.on_words_too_many = self.quoting
        parser.add_argument("subject", metavar=self.key.upper(), help=self.subject)
        add_version_option(parser)
        add_json_option(parser)
        add_source_options(parser)
        add_client_options(parser, transports=self.transports)
        add_dnssec_options(parser)
        parser.set_defaults(run=self.run)

    def run(self, options: argparse.Namespace) -> Outcome:
        """Find the servers.

        Raises:
            UsageError: A nameserver or a zone file cannot be used.
        """
        try:
            policy, backend = policy_of(options), _backend(options)
            with Resolver(backend, policy) as resolver:
                outcome = self._outcome(resolver, options)
            return evolve(outcome, circumstances=self._circumstances(backend, policy, outcome))
        except InputError as error:
            raise UsageError(visible(error.message), f"usage: {self._usage}\n") from error

    @property
    def _usage(self) -> str:
        return f"sipresolve {self.name} {self.key.upper()} [OPTION ...]"

    def _outcome(self, resolver: Resolver, options: argparse.Namespace) -> Outcome:
        began = time.monotonic()
        resolution: Resolution | None
        try:
            resolution, error = self.find(resolver, options.subject, seed=options.seed), None
        except SipResolveError as failure:
            resolution, error = failure.resolution, failure
        return Outcome(
            key=self.key,
            subject=options.subject,
            resolution=resolution,
            error=error,
            seconds=time.monotonic() - began,
        )

    def _circumstances(
        self, backend: backends.Backend, policy: Policy, outcome: Outcome
    ) -> Circumstances:
        narrowed = {
            "--family": {*Policy().families} - {*policy.families},
            "--transports": {*Policy().transports} - {*policy.transports},
        }
        nameservers = backend.nameservers if isinstance(backend, backends.DnspythonBackend) else ()
        return Circumstances(
            restrictions=tuple(option for option in self.restricting if narrowed[option]),
            nameservers=tuple(map(str, nameservers)),
            # No question gets more than half of what is left.
            out_of_time=outcome.seconds >= policy.lifetime / 2,
        )


def _backend(options: argparse.Namespace) -> backends.Backend:
    if options.zone:
        return backends.ZoneBackend.from_files(*options.zone)
    return backends.DnspythonBackend(nameservers=options.nameserver or None)
