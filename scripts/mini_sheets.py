"""Writes the sheets of docs/: python -m scripts.mini_sheets [MODEL_FOLDER [OUT_FOLDER]]"""

from __future__ import annotations

import sys
from pathlib import Path

from studio.engine.loading import load_engine
from studio.evaluation.sheets import write_sheets


def main() -> None:
    model = Path(sys.argv[1]) if len(sys.argv) > 1 else Path("weights/mini")
    out = Path(sys.argv[2]) if len(sys.argv) > 2 else Path("docs")
    engine = load_engine(model, device="cpu", dtype="float32")
    for path in write_sheets(engine, out, lambda line: None):
        sys.stdout.write(f"{path}\n")


if __name__ == "__main__":
    main()
