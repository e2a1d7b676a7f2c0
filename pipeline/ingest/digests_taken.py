"""Taking in CloudTrail's digest files, those of an archive among so many that what they list can be held."""

import hashlib
from typing import Final

from pipeline.ingest.digest_file import MOST_PACKED, UNREADABLE, read_digest, unread_digest
from pipeline.ingest.inflate import Limits
from pipeline.ingest.log_file import LogFile
from pipeline.ingest.parts import Part
from pipeline.ingest.sink import Batch

_MOST_LISTED: Final = 1_000_000
"""Log files that digests in archives list, for one call of `Engine.work`: what they list is held until its end."""
_COSTS: Final = 20
"""Of those, as many as a digest costs itself."""


class DigestsTaken:
    """Digests of one call of `Engine.work`.

    Parameters
    ----------
    batch
        Gets what they list.
    """

    def __init__(self, batch: Batch, limits: Limits) -> None:
        self._batch, self._limits = batch, limits
        self._listed, self._told_too_many = 0, False
        """What digests in archives list."""

    def take(self, file: LogFile) -> None:
        """Take in a digest file."""
        if file.problem:
            found = unread_digest(file.origin, file.digest, f"{UNREADABLE}{file.problem}")
        else:
            found = read_digest(file.origin, file.digest, file.content, self._limits, file.signature, file.since)
        self._batch.digest_files.append(found)

    def take_inside(self, file: LogFile, part: Part) -> None:
        """Take in a digest that lies in an archive."""
        origin = file.origin_inside(part.name)
        if self._listed >= _MOST_LISTED:
            if not self._told_too_many:
                problem = f"{UNREADABLE}it holds more digests than are read at once: unpack it"
                self._batch.digest_files.append(unread_digest(file.origin, file.digest, problem))
            self._told_too_many = True
            return
        content = bytearray()
        for block in part.blocks:
            content += block
            if len(content) >= MOST_PACKED:
                break
        digest = hashlib.sha256(content).hexdigest()
        if problem := part.problem or part.reading.problem:
            found = unread_digest(origin, digest, f"{UNREADABLE}{problem}")
        else:
            packed = bytes(content) if len(content) < MOST_PACKED else None
            found = read_digest(origin, digest, packed, self._limits, "", file.since)
        self._listed += len(found.objects) + _COSTS
        self._batch.digest_files.append(found)
