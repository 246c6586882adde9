"""Under what people come in: a token of this start for this machine, a login for others."""

from __future__ import annotations

import getpass
import hashlib
import hmac
import ipaddress
import logging
import os
import secrets
import stat
import time
from collections import OrderedDict, deque
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol

from studio.scene.errors import RequestError
from studio.ui.web.addresses import as_address

log = logging.getLogger(__name__)

SHORTEST_PASSWORD = 12
MOST_TRIES = 5  # wrong ones from one address
TRY_SECONDS = 60.0
_MOST_ADDRESSES = 1000
_LONGEST_FILE = 4096  # bytes of a password file


@dataclass(frozen=True)
class Credentials:
    """Who may enter. `is_made_up`: the password was made here and must be told once."""

    user: str
    password: str = field(repr=False)
    is_made_up: bool = False


def read_login(
    text: str | None,
    password_file: str | None = None,
    ask: Callable[[str], str] = getpass.getpass,
) -> Credentials | None:
    """USER:PASSWORD, or USER with a file that holds the password ("-": it is asked for).

    USER alone gets a password that is made up; "none" and None: no login.
    """
    if text is None or text == "none":
        if password_file is not None:
            raise RequestError("--password-file needs a user: add --login USER.")
        return None
    user, colon, password = text.partition(":")
    if not user:
        raise RequestError("The login is USER:PASSWORD; the user is missing.")
    if password_file is not None:
        if colon:
            raise RequestError("The password is given twice: in --login and in --password-file.")
        password = _read_password(password_file, user, ask)
    elif not colon:
        return Credentials(user, secrets.token_urlsafe(12), is_made_up=True)
    if len(password) < SHORTEST_PASSWORD:
        raise RequestError(
            "The login's password is too short: {shortest} letters or more.",
            shortest=SHORTEST_PASSWORD,
        )
    return Credentials(user, password)


class Lock(Protocol):
    """What has to be shown to be let in."""

    @property
    def kept(self) -> Mapping[str, str]:
        """What is written down about it: enough to know it again, not enough to open it."""
        ...

    def opens(self, form: Mapping[str, str]) -> bool:
        """Whether this is it. May take a while, on purpose."""
        ...


class StartToken:
    """A new one at each start, in the address that is printed and opened."""

    def __init__(self, token: str | None = None) -> None:
        self.token = token or secrets.token_urlsafe(24)

    @property
    def kept(self) -> Mapping[str, str]:
        return {"kind": "token"}

    def opens(self, form: Mapping[str, str]) -> bool:
        return hmac.compare_digest(_hashed(form.get("token", "")), _hashed(self.token))


class Password:
    """A user and a password, of which only a stretched, salted hash is held."""

    def __init__(self, credentials: Credentials, known: Mapping[str, str] | None = None) -> None:
        """known: what was written down at an earlier start; the same password keeps its salt."""
        self.user = credentials.user
        salt, key = (known or {}).get("salt", ""), (known or {}).get("key", "")
        is_same = bool(salt) and hmac.compare_digest(_stretched(credentials.password, salt), key)
        self._salt = salt if is_same else secrets.token_hex(16)
        self._key = key if is_same else _stretched(credentials.password, self._salt)

    @property
    def kept(self) -> Mapping[str, str]:
        return {"kind": "login", "user": self.user, "salt": self._salt, "key": self._key}

    def opens(self, form: Mapping[str, str]) -> bool:
        key = _stretched(form.get("password", ""), self._salt)
        is_user = hmac.compare_digest(_hashed(form.get("username", "")), _hashed(self.user))
        return hmac.compare_digest(key, self._key) and is_user


class Tries:
    """Recent wrong logins by address; who has been silent longest is forgotten first."""

    def __init__(self) -> None:
        self._times: OrderedDict[str, deque[float]] = OrderedDict()

    def __len__(self) -> int:
        return len(self._times)

    def seconds_to_wait(self, address: str) -> float:
        times = self._times.get(_household(address), deque())
        while times and time.monotonic() - times[0] > TRY_SECONDS:
            times.popleft()
        return TRY_SECONDS - (time.monotonic() - times[0]) if len(times) >= MOST_TRIES else 0.0

    def add(self, address: str) -> None:
        key = _household(address)
        self._times.setdefault(key, deque(maxlen=MOST_TRIES)).append(time.monotonic())
        self._times.move_to_end(key)
        while len(self._times) > _MOST_ADDRESSES:
            self._times.popitem(last=False)

    def forget(self, address: str) -> None:
        self._times.pop(_household(address), None)


def _household(address: str) -> str:
    """With IPv6 whoever has one address has all 2^64 of the network's; they share their tries."""
    found = as_address(address)
    if isinstance(found, ipaddress.IPv6Address) and found.ipv4_mapped is None:
        return str(ipaddress.ip_network((found, 64), strict=False))
    return address


def _hashed(text: str) -> bytes:
    """Of one length whatever it is, so that comparing tells nothing."""
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).digest()


def _stretched(password: str, salt: str) -> str:
    """Slow on purpose: about 50 ms a guess."""
    secret = password.encode("utf-8", "surrogatepass")
    return hashlib.scrypt(secret, salt=salt.encode(), n=2**14, r=8, p=1).hex()


def _read_password(file: str, user: str, ask: Callable[[str], str]) -> str:
    """The first line of the file."""
    if file == "-":
        return ask(f"Password for {user}: ")
    path = Path(file).expanduser()
    try:
        with path.open("rb") as opened:
            if os.name == "posix" and os.fstat(opened.fileno()).st_mode & (
                stat.S_IRGRP | stat.S_IROTH
            ):
                log.warning("others on this machine can read %s; chmod 600 it", path)
            text = opened.read(_LONGEST_FILE).decode("utf-8-sig")
    except (OSError, UnicodeDecodeError) as fault:
        reason = fault.strerror if isinstance(fault, OSError) else "it is not UTF-8 text"
        raise RequestError(
            "The password file {path} cannot be read: {reason}.", path=path, reason=reason
        ) from fault
    return text.splitlines()[0] if text else ""
