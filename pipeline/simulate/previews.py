"""Environments that a pipeline makes for a branch: a stack with roles of its own, which live for days."""

from dataclasses import dataclass, replace
from random import Random

from pipeline.simulate.calls import call
from pipeline.simulate.identity import role
from pipeline.simulate.machines import Machine, family_calls, run
from pipeline.simulate.resources import Resources
from pipeline.simulate.trail import DAY, Caller, Trail
from pipeline.simulate.visitors import Visitor, enter

_PARTS = ("api", "worker")
"""Families of the machines in one."""


@dataclass(frozen=True, slots=True)
class Preview:
    """An environment for a branch."""

    name: str
    pipeline: Visitor
    """Makes it and takes it away."""
    machines: tuple[Machine, ...]
    first: int
    last: int
    """Days on which it is made, and taken away; the machines run on those between."""


def plan_preview(pipeline: Visitor, choice: Random, number: int, first: int, last: int) -> Preview:
    """Return an environment of a pipeline for the number-th branch, of some days."""
    name = f"{pipeline.repository}-pr-{number}"
    machines = []
    for part in _PARTS:
        calls = family_calls(part)
        machines.append(
            Machine(
                identity=role(choice, pipeline.identity.account, f"{name}-{part}-role"),
                family=part,
                runtime="lambda-python",
                calls=calls,
                weights=[(rank + 1) ** -1.1 for rank in range(len(calls))],
                region=pipeline.region,
                addresses=(),
                rate=choice.uniform(8, 30),
                things=pipeline.things,
                first=first + 1,
                last=last - 1,
                hosts=1,
            )
        )
    return Preview(name, pipeline, tuple(machines), first, last)


def play(preview: Preview, day: int, choice: Random, trail: Trail, things: Resources, epoch: int) -> None:
    """Let an environment be made, used and taken away on a day; as `pipeline.simulate.machines.run`."""
    week, at = (day - epoch) // 7, day * DAY + 3600 * choice.randint(9, 16) + choice.randrange(3600)
    if day in (preview.first, preview.last):
        _change(preview, at, choice, trail, things, week, making=day == preview.first)
    for machine in preview.machines:
        run(machine, day, choice, trail, things, epoch)


def _change(
    preview: Preview, at: int, choice: Random, trail: Trail, things: Resources, week: int, *, making: bool
) -> None:
    """Make or take away the stack, and what CloudFormation makes or takes away for it."""
    pipeline = preview.pipeline
    caller = enter(pipeline, at, choice, trail, week)
    host = "cloudformation.amazonaws.com"
    behalf = replace(
        caller, identity=f'{caller.identity[:-1]},"invokedBy":"{host}"}}', address=host, agent=host, extra="", tls=False
    )
    verb = "Create" if making else "Delete"

    def add(by: Caller, action: str, name: str) -> None:
        nonlocal at
        at += choice.randrange(1, 8)
        made = call(action)
        asked, answered = things.request(choice, made, pipeline.identity.account, pipeline.region, 0, {"name": name})
        trail.add(choice, at, by, made, pipeline.region, asked, answered)

    add(caller, f"cloudformation:{verb}Stack", preview.name)
    for machine in preview.machines:
        add(behalf, f"iam:{verb}Role", machine.identity.name)
        add(behalf, "iam:PutRolePolicy" if making else "iam:DeleteRolePolicy", machine.identity.name)
        name = "CreateFunction20150331" if making else "DeleteFunction20150331"
        add(behalf, f"lambda:{name}", machine.identity.name.removesuffix("-role"))
    add(caller, "cloudformation:DescribeStacks", preview.name)
