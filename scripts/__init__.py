"""What makes the pictures of the docs: python -m scripts.NAME. Threads wait as in the studio."""

import os

from studio.installation.cores import share_the_cores

share_the_cores(os.environ)  # here, since the scripts import torch first of all
