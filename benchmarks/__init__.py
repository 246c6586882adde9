"""Measurements, each run by itself: python -m benchmarks.NAME. Threads wait as in the studio."""

import os

from studio.installation.cores import share_the_cores

share_the_cores(os.environ)  # here, since the measurements import torch first of all
