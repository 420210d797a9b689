"""The domain ``cluster.example``: SIP servers on loopback, found through Knot DNS.

They are started once, when a test first asks for them, with all of their files in a temporary
folder. Before each test those that were killed are started again, and all of them answer.
"""

from __future__ import annotations

import ssl
from contextlib import ExitStack, contextmanager
from typing import TYPE_CHECKING, Final

import pytest
import trustme
from attrs import frozen
from kamailio import Kamailio, Ports, is_free
from programs import Program
from servers import HOST, KNOT, free_port, installed, is_answered

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

__all__ = ["ADDRESSES", "Cluster", "cluster", "sip_servers"]

#: Where the hosts of the zone are.
ADDRESSES: Final = {
    "a": "127.0.0.2",
    "b": "127.0.0.3",
    "c": "127.0.0.4",
    "datagrams": "127.0.0.5",
    "stranger": "127.0.0.6",
    "namesake": "127.0.0.7",
    "other": "127.0.0.8",
}

ZONE: Final = """\
$ORIGIN cluster.example.
$TTL 300
@ SOA ns hostmaster 1 3600 900 86400 60
@ NS ns
ns A 127.0.0.1

; Three that are alike, over three transports.
@ NAPTR 10 10 "s" "SIP+D2U" "" _sip._udp
@ NAPTR 10 20 "s" "SIP+D2T" "" _sip._tcp
@ NAPTR 10 30 "s" "SIPS+D2T" "" _sips._tcp
_sip._udp SRV 10 10 {ports.plain} a
_sip._udp SRV 10 10 {ports.plain} b
_sip._udp SRV 10 10 {ports.plain} c
_sip._tcp SRV 10 10 {ports.plain} a
_sip._tcp SRV 10 10 {ports.plain} b
_sip._tcp SRV 10 10 {ports.plain} c
_sips._tcp SRV 10 10 {ports.tls} a
_sips._tcp SRV 10 10 {ports.tls} b
_sips._tcp SRV 10 10 {ports.tls} c

; One after the other.
_sip._udp.ordered SRV 10 0 {ports.plain} a
_sip._udp.ordered SRV 20 0 {ports.plain} b
_sip._udp.ordered SRV 30 0 {ports.plain} c

; One alone; and one that has no TCP, whatever is said here.
_sip._udp.lone SRV 10 0 {ports.plain} a
_sip._tcp.lone SRV 10 0 {ports.plain} a
_sip._udp.large SRV 10 0 {ports.plain} datagrams
_sip._tcp.large SRV 10 0 {ports.plain} datagrams

; Three that cannot prove to be of this domain, and one that can.
_sips._tcp.proven SRV 10 0 {ports.tls} stranger
_sips._tcp.proven SRV 20 0 {ports.tls} namesake
_sips._tcp.proven SRV 30 0 {ports.tls} other
_sips._tcp.proven SRV 40 0 {ports.tls} a

; A client that can be called back.
client A 127.0.0.1

; The servers.
"""


@frozen(kw_only=True)
class Cluster:
    """The servers of the domain.

    Attributes:
        nameserver: Where its zone is served, as ``address:port``.
        ports: Where all of them listen.
        authority: The file with the certificate of those who certify them.
        context: What trusts these, and nobody else.
        servers: By name: ``a``, ``b`` and ``c`` are alike, ``datagrams`` has no TCP, and
            ``impostors`` has three addresses, each with a certificate that is not good enough.
    """

    nameserver: str
    ports: Ports
    authority: Path
    context: ssl.SSLContext
    servers: Mapping[str, Kamailio]

    def __getitem__(self, name: str) -> Kamailio:
        return self.servers[name]

    def restore(self) -> None:
        """Let all servers run and answer, and forget what they saw."""
        for server in self.servers.values():
            if server.is_running:
                server.behave("answer")
            else:
                server.run()
            server.forget()


@pytest.fixture
def cluster(sip_servers: Cluster) -> Cluster:
    """The servers, all of them alive and answering."""
    sip_servers.restore()
    return sip_servers


@pytest.fixture(scope="session")
def sip_servers(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cluster]:
    """The servers, as the test before left them."""
    folder = tmp_path_factory.mktemp("cluster")
    ports = common_ports()
    authority = trustme.CA()
    authority.cert_pem.write_to_path(str(folder / "authority.pem"))
    servers = servers_of(authority, folder, ports)
    with ExitStack() as stack:
        for server in servers.values():
            stack.enter_context(server).run()
        yield Cluster(
            nameserver=stack.enter_context(nameserver(folder, zone(ports))),
            ports=ports,
            authority=folder / "authority.pem",
            context=ssl.create_default_context(cafile=folder / "authority.pem"),
            servers=servers,
        )


def zone(ports: Ports) -> str:
    """The zone file."""
    hosts = "".join(f"{name} A {address}\n" for name, address in ADDRESSES.items())
    return ZONE.format(ports=ports) + hosts


def servers_of(authority: trustme.CA, folder: Path, ports: Ports) -> dict[str, Kamailio]:
    """The servers by name, not yet started."""

    def certificate(*names: str, issuer: trustme.CA = authority) -> Path:
        issued = issuer.issue_cert(*names).private_key_and_cert_chain_pem
        file = folder / f"{len(list(folder.iterdir()))}.pem"
        issued.write_to_path(str(file))
        return file

    domains = ("cluster.example", "proven.cluster.example")
    listening: dict[str, dict[str, Path | None]] = {
        name: {ADDRESSES[name]: certificate(*domains, ADDRESSES[name])} for name in ("a", "b", "c")
    }
    listening["datagrams"] = {ADDRESSES["datagrams"]: None}
    listening["impostors"] = {
        ADDRESSES["stranger"]: certificate("proven.cluster.example", issuer=trustme.CA()),
        # RFC 5922 §4: the domain of the URI has to be in it, and the SRV target will not do.
        ADDRESSES["namesake"]: certificate("namesake.cluster.example"),
        ADDRESSES["other"]: certificate("elsewhere.example"),
    }
    return {
        name: Kamailio(name, folder / name, ports, certificates)
        for name, certificates in listening.items()
    }


@contextmanager
def nameserver(folder: Path, zone: str) -> Iterator[str]:
    """Serve the zone from Knot DNS; where, as ``address:port``."""
    port = free_port()
    (folder / "knot").mkdir()
    (folder / "cluster.zone").write_text(zone)
    configuration = folder / "knot" / "knot.conf"
    configuration.write_text(
        KNOT.format(folder=folder / "knot", host=HOST, port=port)
        + f'  - domain: cluster.example.\n    file: "{folder}/cluster.zone"\n'
    )
    knotd = installed("knotd", package="knot")
    with Program([knotd, "--config", str(configuration)], folder / "knot") as knot:
        knot.start(lambda: is_answered("cluster.example", port))
        yield f"{HOST}:{port}"


def common_ports() -> Ports:
    """Ports that are free for UDP and for TCP, at all of the addresses."""
    found: set[int] = set()
    for _ in range(50):
        port = free_port()
        if all(is_free(address, port) for address in ADDRESSES.values()):
            found.add(port)
        if len(found) == len(Ports._fields):
            return Ports(*found)
    raise AssertionError("no port is free everywhere")
