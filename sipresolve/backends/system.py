"""Whom this machine asks: its nameservers, and whether it looks into its hosts file first."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING, Final

from attrs import frozen

from sipresolve.exchange.nameservers import Nameserver, nameservers_from
from sipresolve.vocabulary.errors import Misuse

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["SYSTEM", "System", "hosts_path"]

# resolv.conf(5): "If no nameserver entries are present, the default is to use the name server on
# the local machine."
_LOCAL: Final = "127.0.0.1"
# nsswitch.conf(5): what is done without that file, or without a line for hosts in it.
_HOSTS_FIRST: Final = "files"
_ASKS_THE_DNS: Final = frozenset({"dns", "resolve"})


@frozen(kw_only=True)
class System:
    """The files in which a machine keeps this.

    Attributes:
        resolv_conf: Where the nameservers stand; not used on Windows, which has a registry.
        nsswitch_conf: Where it stands whether the hosts file is used.
        hosts: The hosts file.
    """

    resolv_conf: str = "/etc/resolv.conf"
    nsswitch_conf: str = "/etc/nsswitch.conf"
    hosts: str = "/etc/hosts"

    def nameservers(self) -> tuple[Nameserver, ...]:
        """The nameservers, in the order in which they are to be asked.

        Raises:
            Misuse: They cannot be made out.
        """
        return self.named_nameservers() or nameservers_from([_LOCAL])

    def named_nameservers(self) -> tuple[Nameserver, ...]:
        """The same, but none where none is named.

        Raises:
            Misuse: They cannot be made out.
        """
        import dns.exception  # noqa: PLC0415 - only those need it who name no nameservers
        import dns.resolver  # noqa: PLC0415 - likewise, and it takes long to import

        try:
            resolver = dns.resolver.Resolver(self.resolv_conf, configure=True)
        except dns.resolver.NoResolverConfiguration:
            return ()
        except (dns.exception.DNSException, ValueError) as error:
            raise Misuse(f"{self.resolv_conf!r} cannot be understood: {error}") from error
        given = [str(nameserver) for nameserver in resolver.nameservers]
        return tuple(
            Nameserver(each.address, resolver.port, each.scope) for each in nameservers_from(given)
        )

    def looks_into_hosts(self) -> bool:
        """Whether the hosts file comes before the DNS."""
        for source in self._sources():
            if source == _HOSTS_FIRST:
                return True
            if source in _ASKS_THE_DNS:
                break
        return False

    def _sources(self) -> list[str]:
        """Where names of hosts are looked up, in that order (nsswitch.conf(5))."""
        try:
            text = Path(self.nsswitch_conf).read_text(encoding="utf-8", errors="replace")
        except OSError:
            return [_HOSTS_FIRST]
        for line in text.splitlines():
            database, colon, sources = line.partition("#")[0].partition(":")
            if colon and database.strip() == "hosts":
                return sources.split()
        return [_HOSTS_FIRST]


def hosts_path(kind: str, environment: Mapping[str, str]) -> str:
    """Where systems of this kind, of those of `os.name`, have their hosts file."""
    if kind != "nt":
        return "/etc/hosts"
    root = environment.get("SystemRoot", r"C:\Windows")
    return rf"{root}\System32\drivers\etc\hosts"


#: This machine.
SYSTEM: Final = System(hosts=hosts_path(os.name, os.environ))
