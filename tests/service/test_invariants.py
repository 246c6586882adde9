"""Whatever one user does, in any order: the promises of a session hold (RELIABILITY's I1 to I9)."""

from __future__ import annotations

import shutil
import tempfile
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from studio.jobs.jobs import ENDED, Job
from studio.project import edits
from studio.scene.errors import StudioError
from studio.scene.mask import Mask
from studio.scene.mask_edits import moved
from studio.scene.region import Region
from studio.service.renders import submit_render, submit_strip
from tests.scripted_engine import ScriptedEngine
from tests.service.conftest import finished, open_studio

_SIDES = st.integers(0, 40)


class OneUser(RuleBasedStateMachine):
    def __init__(self) -> None:
        super().__init__()
        self.folder = Path(tempfile.mkdtemp())
        self.engine = ScriptedEngine()
        self.studio = open_studio(self.folder, self.engine)
        self.session = self.studio.store.create("a" * 32)
        self.jobs: list[Job] = []

    def teardown(self) -> None:
        for job in self.jobs:
            finished(job)
        self.studio.close()
        shutil.rmtree(self.folder)

    @rule(left=_SIDES, top=_SIDES, width=st.integers(1, 30), height=st.integers(1, 30))
    def draw(self, left: int, top: int, width: int, height: int) -> None:
        pixels = np.zeros(self.session.document.scene.extent.shape, bool)
        pixels[top : top + height, left : left + width] = True
        region = Region(Mask(pixels), f"thing {left}")
        self._edit(lambda document: edits.add_region(document, region))

    @precondition(lambda self: self.session.document.scene.regions)
    @rule(data=st.data())
    def change(self, data: st.DataObject) -> None:
        identity = data.draw(st.sampled_from(self.session.document.identities))
        dx = data.draw(st.integers(-20, 20))
        kind = data.draw(st.sampled_from(["caption", "move", "delete", "hide", "gamma"]))
        changes = {
            "caption": lambda d: edits.set_region(d, identity, caption=f"caption {dx}"),
            "move": lambda d: edits.edit_mask(d, identity, lambda mask: moved(mask, dx, 0)),
            "delete": lambda d: edits.delete_regions(d, [identity]),
            "hide": lambda d: edits.set_region(d, identity, is_visible=False),
            "gamma": lambda d: edits.set_sampling(d, gamma=(dx + 21) / 41),
        }
        self._edit(changes[kind])

    @rule(steps=st.integers(1, 3))
    def undo_and_redo(self, steps: int) -> None:
        before, timeline = self.session.document, self.session.timeline
        taken = timeline.move(-steps)
        assert timeline.move(taken) == taken
        assert self.session.document is before  # I7
        self.session.step(-steps)

    @rule(quality=st.sampled_from(["final", "draft", "live"]))
    def render(self, quality: str) -> None:
        try:
            started = submit_render(self.studio, self.session, quality)  # type: ignore[arg-type]
        except StudioError:
            return  # nothing to render, or too many waiting
        if isinstance(started, Job):
            self.jobs.append(started)

    @rule()
    def strip(self) -> None:
        try:
            self.jobs.append(submit_strip(self.studio, self.session, (0.2, 0.9))[0])
        except StudioError:
            return

    @rule()
    def cancel(self) -> None:
        self.studio.queue.cancel(self.session.identity)

    @rule(fault=st.sampled_from(["out_of_memory", "is_nan", "is_broken", None]))
    def something_breaks(self, fault: str | None) -> None:
        script = self.engine.script
        script.out_of_memory = 1 if fault == "out_of_memory" else 0
        script.is_nan, script.is_broken = fault == "is_nan", fault == "is_broken"

    @rule()
    def restart(self) -> None:
        for job in self.jobs:
            finished(job)
        if self.session.is_untouched:
            return
        document, nodes = self.session.document, self._kept_nodes()
        identity = self.session.identity
        self.studio.close()
        self.studio = open_studio(self.folder, self.engine)
        self.session = self.studio.store.open_project(identity)[0]
        assert self.session.document.is_same_as(document)  # I8
        assert self._kept_nodes() == nodes
        for node in self.session.history:
            assert all(self.session.folder.get(image) for image in node.images)
        self.jobs = []

    @invariant()
    def one_job_on_the_device(self) -> None:
        assert self.engine.most_rendering <= 1  # I1

    @invariant()
    def masks_and_ids_are_legal(self) -> None:
        scene = self.session.document.scene
        identities = [region.identity for region in scene.regions]
        assert len(set(identities)) == len(identities)  # I5
        assert all(region.mask.extent == scene.extent for region in scene.regions)  # I4
        assert set(self.session.document.slots) == set(identities)
        assert len(set(self.session.document.slots.values())) == len(identities)

    @invariant()
    def the_cache_keeps_its_budget(self) -> None:
        counts = self.studio.conditions.counts
        assert counts.bytes_used <= counts.budget  # I9

    @invariant()
    def ended_jobs_have_one_end(self) -> None:
        for job in self.jobs:
            if job.state in ENDED:
                assert job.ended is not None  # I2
                assert (job.error is not None) == (job.state == "failed")

    def _edit(self, change: object) -> None:
        try:
            self.session.edit(change, "edit")  # type: ignore[arg-type]
        except StudioError:
            return

    def _kept_nodes(self) -> list[str]:
        return [node.identity for node in self.session.history if node.kind != "live"]


TestOneUser = pytest.mark.slow(OneUser.TestCase)
TestOneUser.settings = settings(
    max_examples=12,
    stateful_step_count=15,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow],
)
