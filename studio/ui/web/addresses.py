"""Under which addresses a studio can be reached, and whether others can reach it at all."""

from __future__ import annotations

import ipaddress
import socket
from contextlib import closing, suppress

from studio.scene.errors import RequestError

WILDCARDS = ("0.0.0.0", "::")


def is_loopback(host: str) -> bool:
    """Whether only this machine itself can reach it."""
    address = as_address(host)
    return host == "localhost" if address is None else address.is_loopback


def as_address(host: str) -> ipaddress.IPv4Address | ipaddress.IPv6Address | None:
    """None for a name."""
    try:
        return ipaddress.ip_address(host.strip("[]"))
    except ValueError:
        return None


def host_names(host: str, more: str | None = None) -> list[str]:
    """The names a browser may call the studio by when it listens on `host`."""
    names = [each.strip() for each in (more or "").split(",")]
    if host in WILDCARDS:
        own = socket.gethostname()
        names += [own, f"{own}.local"]
    else:
        names.append(f"[{host}]" if ":" in host else host)
    return [name.lower() for name in names if name]


def proxy_addresses(text: str | None) -> list[str]:
    """Addresses and networks, by commas, whose X-Forwarded-For is heard."""
    names = [] if text is None else [each.strip() for each in text.split(",")]
    for name in names:
        try:
            ipaddress.ip_network(name, strict=False)
        except ValueError:
            raise RequestError(
                "--trusted-proxy holds {name!r}; give addresses or networks by commas: "
                "127.0.0.1,10.0.0.0/8.",
                name=name,
            ) from None
    return names


def shown_address(host: str, port: int) -> str:
    """Where to point a browser."""
    name = own_address(host) if host in WILDCARDS else host
    return f"http://[{name}]:{port}" if ":" in name else f"http://{name}:{port}"


def own_address(wildcard: str) -> str:
    """This machine's address towards its network; nothing is sent."""
    family, far = (
        (socket.AF_INET6, "2001:db8::1") if ":" in wildcard else (socket.AF_INET, "192.0.2.1")
    )
    with suppress(OSError), closing(socket.socket(family, socket.SOCK_DGRAM)) as probe:
        probe.connect((far, 9))
        return str(probe.getsockname()[0])
    return "::1" if ":" in wildcard else "127.0.0.1"
