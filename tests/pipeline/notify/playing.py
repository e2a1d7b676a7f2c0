"""A place that takes messages, or does not, as it is told."""

import time

from pipeline.notify.outcome import SENT, Outcome


class Place:
    """What came, and what is answered next; afterwards everything is taken."""

    where = "a test"

    def __init__(self, *outcomes):
        self.came, self.outcomes = [], list(outcomes)
        self.down = ""
        self.hangs = 0.0

    def send(self, notice, seconds):
        self.came.append(notice)
        time.sleep(self.hangs)
        if self.down:
            return Outcome("later", self.down)
        return self.outcomes.pop(0) if self.outcomes else SENT

    @property
    def ids(self):
        return [notice.id for notice in self.came]

    def told(self):
        """Alert and state of each message."""
        return [(notice.alert_id, notice.state) for notice in self.came]
