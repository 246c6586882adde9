"""How browsers come to the studio."""

from __future__ import annotations

from dataclasses import dataclass

from studio.ui.web.login import Lock, StartToken


@dataclass(frozen=True)
class Way:
    """What is listened on, what it is called, and what lets people in.

    names: what else it is called, by commas. lock: None lets everybody in.
    """

    host: str = "127.0.0.1"
    port: int = 7860
    names: str | None = None
    prefix: str = ""
    trusted_proxy: str | None = None
    lock: Lock | None = None

    def entrance(self, address: str, fragment: str = "") -> str:
        """The address of the page, with what opens it where that is a token."""
        token = f"?token={self.lock.token}" if isinstance(self.lock, StartToken) else ""
        place = f"{self.prefix}/{token}{fragment}"
        return address if place == "/" else f"{address}{place}"
