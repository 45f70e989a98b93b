"""The jobs of the imports app."""

from collections.abc import Mapping

from karma.common.jobs import RunningJob, handles
from karma.imports.operations import work_on


@handles("imports.look")
def look(running: RunningJob) -> Mapping[str, object] | None:
    return work_on("imports.look", running)


@handles("imports.read")
def read(running: RunningJob) -> Mapping[str, object] | None:
    return work_on("imports.read", running)


@handles("imports.publish")
def publish(running: RunningJob) -> Mapping[str, object] | None:
    return work_on("imports.publish", running)


@handles("imports.undo")
def undo(running: RunningJob) -> Mapping[str, object] | None:
    return work_on("imports.undo", running)
