"""Amazon SNS: a text for people, JSON for machines, and attributes that subscriptions filter by."""

import json
from typing import Any, Final

from pipeline.notify.aws import attempt, make_client
from pipeline.notify.notice import Notice, write_text
from pipeline.notify.outcome import Outcome
from pipeline.notify.plain import fit
from pipeline.notify.webhook import write_event
from pipeline.words.language import DEFAULT

MOST_BYTES: Final = 250_000
"""SNS takes 262,144, attributes included."""
_SUBJECT: Final = 99
"""Characters; SNS takes 100 of ASCII."""
_SMS: Final = 139
_MACHINES: Final = ("http", "https", "sqs", "lambda", "firehose", "email-json")


class Sns:
    """Publishes to a topic; of a FIFO topic the alert is the group, and the message's id keeps it from coming twice."""

    def __init__(self, topic: str, role: str = "", external_id: str = "") -> None:
        self._topic, self._role, self._external_id = topic, role, external_id
        self.where = topic

    def send(self, notice: Notice, seconds: float) -> Outcome:
        """Hand a message over once."""
        named = write_message(notice)
        if self._topic.endswith(".fifo"):
            named |= {"MessageGroupId": notice.subject or "oddtrail", "MessageDeduplicationId": notice.id}
        region = self._topic.split(":")[3]
        return attempt(
            "SNS",
            lambda: make_client("sns", region, self._role, self._external_id).publish(TopicArn=self._topic, **named),
        )


def write_message(notice: Notice) -> dict[str, Any]:
    """A notice as SNS takes it."""
    text = "\n".join(write_text(notice))
    document = json.dumps(write_event(notice), ensure_ascii=True)
    bodies = {"default": text, "sms": fit(f"{notice.label}: {notice.headline}", _SMS)}
    bodies |= dict.fromkeys(_MACHINES, document)
    message = json.dumps(bodies, ensure_ascii=True)
    if len(message) > MOST_BYTES:
        bodies["default"] = text = text[: MOST_BYTES // 20]
        bodies |= dict.fromkeys(_MACHINES, text)
        message = json.dumps(bodies, ensure_ascii=True)
    attributes = {
        "severity": notice.severity, "state": notice.state, "about": notice.about,
        "alert_id": notice.alert_id, "message_id": notice.id,
        "account": (notice.accounts or ("",))[0], "deployment": notice.deployment, "drill": str(notice.drill).lower(),
    }  # fmt: skip
    return {
        "Message": message,
        "MessageStructure": "json",
        "Subject": write_subject(notice, _SUBJECT),
        "MessageAttributes": {
            name: {"DataType": "String", "StringValue": value} for name, value in attributes.items() if value
        },
    }


def write_subject(notice: Notice, longest: int) -> str:
    """One line of ASCII, as a subject of SNS has to be.

    >>> write_subject(Notice(id="1", state="raised", severity="high", headline="Zoë called x.", at=""), 30)
    'oddtrail HIGH: Zo? called x.'
    """
    named = f"oddtrail {notice.label}: {notice.headline}"
    if notice.language != DEFAULT:  # no letter of it is ASCII: what can be said so
        named = f"oddtrail {notice.severity.upper()}, {notice.state} {notice.alert_id[:12]}".strip()
    line = named.encode("ascii", "replace").decode()
    return line if len(line) <= longest else f"{line[: longest - 3]}..."
