"""A queue in memory, as far as a box asks one: it gives what a test says, and fails when a test says so."""

from typing import Any

from botocore.exceptions import ClientError


class PlayedQueue:
    """Messages by their ids; each time one is given it has another handle.

    Parameters
    ----------
    bodies
        Messages, by id.
    answers
        Ids that are given, answer by answer; what is deleted is left out, and after the last answer all are empty.
    """

    def __init__(self, bodies: dict[str, bytes], answers: list[list[str]]) -> None:
        self.bodies, self.answers = dict(bodies), list(answers)
        self.fails: list[str] = []
        """Ids whose next deletion is refused."""
        self.hidden: dict[str, str] = {}
        """The newest handle of each that was given and neither deleted nor shown again, by id."""
        self._given = 0

    def receive_message(self, **_: Any) -> dict[str, Any]:
        given = [name for name in (self.answers.pop(0) if self.answers else []) if name in self.bodies]
        for name in given:
            self._given += 1
            self.hidden[name] = f"{name} {self._given}"
        return {
            "Messages": [
                {"MessageId": name, "ReceiptHandle": self.hidden[name], "Body": self.bodies[name].decode()}
                for name in given
            ]
        }

    def delete_message(self, ReceiptHandle: str, **_: Any) -> dict[str, Any]:
        name = ReceiptHandle.split()[0]
        if name in self.fails:
            self.fails.remove(name)
            raise ClientError({"Error": {"Code": "AccessDenied"}}, "DeleteMessage")
        assert self.hidden.pop(name) == ReceiptHandle, "it was given again since"
        del self.bodies[name]
        return {}

    def change_message_visibility_batch(self, Entries: list[dict[str, Any]], **_: Any) -> dict[str, Any]:
        for entry in Entries:
            assert entry["VisibilityTimeout"] == 0
            assert self.hidden.pop(entry["ReceiptHandle"].split()[0]) == entry["ReceiptHandle"]
        return {}
