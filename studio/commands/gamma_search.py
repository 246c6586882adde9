"""`render --auto-gamma`: what it may be given, and what a finished picture remembers of it."""

from __future__ import annotations

import argparse
from pathlib import Path

from studio.files.picture_file import read_recipe
from studio.project.loosest_gamma import check_wish
from studio.scene.errors import PictureFileError, RequestError

AUTO_GAMMA = "auto_gamma"  # the wish, beside a recipe's model and versions


def check_auto_gamma(given: argparse.Namespace) -> None:
    """RequestError for a wish that cannot be, or that --gamma contradicts."""
    if given.auto_gamma is None:
        return
    check_wish(given.auto_gamma)
    if given.gamma is not None:
        raise RequestError("--auto-gamma looks for the gamma that --gamma gives; leave one out.")
    if given.use_contour is False:
        raise RequestError("--no-contour leaves gamma nothing to do; leave out --auto-gamma.")


def gamma_in(path: Path, wish: float) -> float | None:
    """The gamma that was found for this wish, as a finished picture remembers it."""
    try:
        recipe = read_recipe(path)
        if recipe.get("made_with", {}).get(AUTO_GAMMA) == f"{wish:g}":
            return float(recipe["sampling"]["gamma"])
    except (PictureFileError, KeyError, TypeError, ValueError):
        pass
    return None
