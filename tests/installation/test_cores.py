"""How threads behave beside other programs."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest

from studio.installation.cores import cores_allowed, share_the_cores


def test_threads_sleep_when_idle_unless_the_user_wants_otherwise() -> None:
    environment: dict[str, str] = {}
    share_the_cores(environment)
    assert environment["OMP_WAIT_POLICY"] == "PASSIVE"
    chosen = {"OMP_WAIT_POLICY": "ACTIVE", "OMP_NUM_THREADS": "7"}
    share_the_cores(chosen)
    assert chosen == {"OMP_WAIT_POLICY": "ACTIVE", "OMP_NUM_THREADS": "7"}


@pytest.mark.parametrize(
    ("limit", "allowed"),
    [("max 100000\n", 8), ("200000 100000\n", 2), ("50000 100000", 1), ("1600000 100000", 8)],
)
def test_a_container_gets_as_many_threads_as_it_may_keep_busy(limit: str, allowed: int) -> None:
    assert cores_allowed(limit, cores=8) == allowed


def test_every_command_waits_passively_before_torch_is_imported() -> None:
    script = (
        "import sys, runpy, os, atexit\n"
        "from importlib.abc import MetaPathFinder\n"
        "class Watch(MetaPathFinder):\n"
        "    def find_spec(self, name, path, target=None):\n"
        "        if name == 'torch':\n"
        "            print('torch finds', os.environ.get('OMP_WAIT_POLICY'))\n"
        "            raise SystemExit(0)\n"
        "sys.meta_path.insert(0, Watch())\n"
        "sys.argv = ['studio', 'doctor']\n"
        "runpy.run_module('studio', run_name='__main__')\n"
    )
    environment = {name: value for name, value in os.environ.items() if "OMP" not in name}
    answer = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, env=environment, check=False
    )
    assert "torch finds PASSIVE" in answer.stdout, answer.stderr


@pytest.mark.parametrize("package", ["benchmarks", "scripts", "tests.conftest"])
def test_so_do_the_measurements_the_scripts_and_the_tests(package: str) -> None:
    script = (
        f"import {package}, os, sys; assert 'torch' not in sys.modules;"
        "print(os.environ['OMP_WAIT_POLICY'])"
    )
    environment = {name: value for name, value in os.environ.items() if "OMP" not in name}
    answer = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, env=environment, check=False
    )
    assert answer.stdout.strip() == "PASSIVE", answer.stderr
