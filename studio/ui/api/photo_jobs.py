"""What is done to a photo as a whole job: take a thing out, keep a subject, find a good one."""

from __future__ import annotations

import secrets
from dataclasses import replace

from studio.project.photo_changes import set_work
from studio.project.removal import as_removed
from studio.service.find_good import submit_find_good
from studio.service.photo_edits import submit_edit
from studio.service.photo_plan import plan_edit
from studio.ui.api.edits import edit, edit_answer
from studio.ui.api.photo_requests import FindGood, KeepSubject, RemoveThing
from studio.ui.api.registry import Answer, Call, Change, Registry
from studio.ui.api.renders import job_or_node

registry = Registry()


@registry.action
def remove_thing(call: Call, given: RemoveThing) -> Answer:
    """Emptying the caption and the filling are one step of undo."""
    label = f"remove region {call.document.number(given.region)}"
    gesture = given.gesture or secrets.token_hex(8)
    plan = plan_edit(as_removed(call.document, given.region), "final", [given.region])
    before, after = call.session.edit(
        lambda document: as_removed(document, given.region), label, gesture, given.revision
    )
    plan = replace(plan, document=after, title=label, gesture=gesture)
    started = submit_edit(call.studio, call.session, plan)
    return {**edit_answer(call, before, after), **job_or_node(call, started)}


@edit
def keep_subject(call: Call, given: KeepSubject) -> Change:
    del call
    return Change(lambda document: set_work(document, subject=given.region), "subject of the edit")


@registry.action
def find_good(call: Call, given: FindGood) -> Answer:
    return job_or_node(call, submit_find_good(call.studio, call.session, given.count))
