"""A sub-command that finds servers or URIs: its arguments, its run, and what became of it.

The sub-commands differ in what their `Command` says, and in nothing else.
"""

from __future__ import annotations

import argparse
import time
from typing import TYPE_CHECKING, Protocol

from attrs import evolve, frozen

from sipresolve import InputError, Policy, Resolver, SipResolveError, backends
from sipresolve.cli.options import (
    FAMILY,
    SEED,
    add_client_options,
    add_dnssec_options,
    add_json_option,
    add_source_options,
    add_version_option,
    policy_of,
)
from sipresolve.cli.parsing import EXIT_STATUSES, UsageError
from sipresolve.cli.replies import Circumstances, Outcome
from sipresolve.cli.sought import Sought
from sipresolve.cli.text import visible

if TYPE_CHECKING:
    from collections.abc import Callable

    from sipresolve import Resolution
    from sipresolve.cli.parsing import Parser, Subparsers
    from sipresolve.cli.replies import Reply

__all__ = ["Command", "Find", "Many"]


class Find(Protocol):
    """Finds something for the subject that the options have."""

    def __call__(self, resolver: Resolver, options: argparse.Namespace, /) -> Resolution:
        """Find it, or raise a `SipResolveError`."""


@frozen(kw_only=True)
class Many:
    """How a sub-command takes many subjects at once.

    Attributes:
        usage: What stands in the place of one subject, for the usage.
        exit_statuses: What the help says of the exit status then.
        run: Does it; None where the options have one subject. It raises `Misuse` where they make no
            sense together.
    """

    usage: str
    exit_statuses: str
    run: Callable[[argparse.Namespace, Policy], Reply | None]


@frozen(kw_only=True)
class Command:
    """A sub-command.

    Attributes:
        name: As it is typed.
        key: What is resolved, as a JSON document and, in upper case, the usage name it.
        subject: What is resolved, for the help.
        help: What it does, in the list of sub-commands.
        description: What it does, above its own help.
        examples: How it is called, for its own help; a line each.
        find: What it does.
        sought: What it looks for.
        transports: What ``--transports`` means to it.
        family: What ``--family`` means to it.
        seed: What ``--seed`` means to it.
        restricting: The options that may rule out what the domain has.
        more_options: What adds the options that not all sub-commands share.
        many: How it takes many subjects at once; None where it does not.
        quoting: What to say where there are words too many, as there are without quotes.
    """

    name: str
    key: str
    subject: str
    help: str
    description: str
    examples: tuple[str, ...]
    find: Find
    sought: Sought = Sought.SERVERS
    transports: str
    family: str = FAMILY
    seed: str = SEED
    restricting: tuple[str, ...]
    more_options: tuple[Callable[[Parser], None], ...] = ()
    many: Many | None = None
    quoting: str = ""

    def add_to(self, commands: Subparsers) -> None:
        """Add it to the program."""
        parser = commands.add_parser(
            self.name,
            help=self.help,
            description=self.description,
            usage=self.usage,
            epilog=self._epilog,
            formatter_class=argparse.RawDescriptionHelpFormatter,
            allow_abbrev=False,
        )
        parser.on_words_too_many = self.quoting
        count = "?" if self.many else None
        parser.add_argument("subject", metavar=self.key.upper(), nargs=count, help=self.subject)
        add_version_option(parser)
        add_json_option(parser)
        add_source_options(parser)
        add_client_options(parser, transports=self.transports, family=self.family, seed=self.seed)
        add_dnssec_options(parser)
        for add_options in self.more_options:
            add_options(parser)
        parser.set_defaults(run=self.run)

    def run(self, options: argparse.Namespace) -> Outcome | Reply:
        """Do it: for one subject as far as its outcome, for many as far as the reply.

        Raises:
            UsageError: The options make no sense together; a nameserver, a zone file or a file of
                trust anchors cannot be used; or an extra is missing.
        """
        try:
            policy = policy_of(options)
            reply = self.many.run(options, policy) if self.many else None
            return reply or self._run_one(options, policy)
        except InputError as error:
            raise UsageError(visible(error.message), f"usage: {self.usage}\n") from error

    @property
    def usage(self) -> str:
        """How it is called, in a line."""
        subjects = [self.key.upper(), *([self.many.usage] if self.many else [])]
        return f"sipresolve {self.name} {' | '.join(subjects)} [OPTION ...]"

    @property
    def _epilog(self) -> str:
        examples = "\n  ".join(["examples:", *self.examples]) + "\n"
        many = [self.many.exit_statuses] if self.many else []
        return "\n".join([examples, EXIT_STATUSES, *many])

    def _run_one(self, options: argparse.Namespace, policy: Policy) -> Outcome:
        backend = _backend(options)
        with Resolver(backend, policy) as resolver:
            outcome = self._outcome(resolver, options)
        return evolve(outcome, circumstances=self._circumstances(backend, policy, outcome))

    def _outcome(self, resolver: Resolver, options: argparse.Namespace) -> Outcome:
        began = time.monotonic()
        resolution: Resolution | None
        try:
            resolution, error = self.find(resolver, options), None
        except SipResolveError as failure:
            resolution, error = failure.resolution, failure
        return Outcome(
            key=self.key,
            subject=options.subject,
            resolution=resolution,
            error=error,
            seconds=time.monotonic() - began,
            sought=self.sought,
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
            roots=policy.enum_roots,
            dnssec=policy.dnssec,
        )


def _backend(options: argparse.Namespace) -> backends.Backend:
    if options.zone:
        return backends.ZoneBackend.from_files(*options.zone)
    return backends.DnspythonBackend(nameservers=options.nameserver or None)
