"""Settings for every test: tiny models run fastest on one thread; a slow machine is no failure."""

from __future__ import annotations

import os

from hypothesis import settings

from studio.installation.cores import share_the_cores

share_the_cores(os.environ)
os.environ.setdefault("OMP_NUM_THREADS", "1")
settings.register_profile("unhurried", deadline=None)
settings.load_profile("unhurried")
