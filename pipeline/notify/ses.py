"""Mail through Amazon SES: text, and the same as HTML, in which every text is escaped."""

from collections.abc import Sequence
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP
from html import escape
from typing import Final

from pipeline.notify.aws import attempt, make_client
from pipeline.notify.notice import Notice, list_facts, tell_foot, tell_item, tell_more, tell_related, write_text
from pipeline.notify.outcome import Outcome
from pipeline.notify.plain import fit

_SUBJECT: Final = 150
_COLOURS: Final = {"critical": "#b3261e", "high": "#b3541e", "medium": "#7a6200", "low": "#555555"}


class Ses:
    """Sends mail from one address to some."""

    def __init__(self, sender: str, to: Sequence[str], region: str = "", role: str = "", external_id: str = "") -> None:
        self._sender, self._to = sender, list(to)
        self._region, self._role, self._external_id = region, role, external_id
        self.where = f"mail to {', '.join(to)}"

    def send(self, notice: Notice, seconds: float) -> Outcome:
        """Hand a message over once."""
        raw = write_mail(notice, self._sender, self._to).as_bytes()
        return attempt(
            "SES",
            lambda: make_client("sesv2", self._region, self._role, self._external_id).send_email(
                FromEmailAddress=self._sender,
                Destination={"ToAddresses": self._to},
                Content={"Raw": {"Data": raw}},
            ),
        )


def write_mail(notice: Notice, sender: str, to: Sequence[str]) -> EmailMessage:
    """A notice as mail. A header that holds a line break is refused by the policy; texts of a notice have none."""
    mail = EmailMessage(policy=SMTP)
    mail["From"], mail["To"] = Address("oddtrail", addr_spec=sender), [Address(addr_spec=one) for one in to]
    mail["Subject"] = fit(f"[oddtrail] {notice.label}: {notice.headline}", _SUBJECT)
    mail["Message-ID"] = f"<{notice.id}@oddtrail.invalid>"
    if notice.subject:  # what names the same message that never was is shown as one conversation
        mail["References"] = f"<{''.join(filter(str.isalnum, notice.subject))}@oddtrail.invalid>"
    mail["Auto-Submitted"] = "auto-generated"
    mail["X-Oddtrail-Message"] = notice.id
    mail.set_content("\n".join(write_text(notice)) + "\n", cte="quoted-printable")
    mail.add_alternative(write_html(notice), subtype="html", cte="quoted-printable")
    return mail


def write_html(notice: Notice) -> str:
    """A notice as a page for mail programs: no pictures, no scripts, no links but ours."""
    colour, words = _COLOURS.get(notice.severity, "#555555"), notice.words
    parts = [
        f'<p><strong style="color:{colour}">{escape(notice.label)}</strong></p>',
        f"<h2>{escape(notice.headline)}</h2>",
    ]
    parts += [f"<p>{escape(' '.join(notice.changed))}</p>"] if notice.changed else []
    if notice.who:
        facts = list_facts(notice, ", ".join(notice.accounts))
        parts += [f"<p>{'<br>'.join(f'<strong>{escape(name)}</strong> {escape(text)}' for name, text in facts)}</p>"]
    if notice.why:
        why = [*notice.why, *([tell_related(notice)] if notice.related else [])]
        parts += [f"<h3>{escape(words.say('Why'))}</h3>", _list("ul", map(escape, why))]
    if notice.steps:
        steps = [
            escape(step.text)
            + "".join(f"<pre style='white-space:pre-wrap'>{escape(one)}</pre>" for one in step.commands)
            for step in notice.steps
        ]
        parts += [f"<h3>{escape(words.say('What to do next'))}</h3>", _list("ol", steps)]
    if notice.items:
        items = [
            escape(tell_item(item, words)) + (f" {_link(item.link, words.say('open'))}" if item.link else "")
            for item in notice.items
        ]
        parts.append(_list("ul", [*items, *([escape(tell_more(notice))] if notice.more else [])]))
    parts += [f"<p>{_link(notice.link, words.say('Open'))}</p>"] if notice.link else []
    foot = tell_foot(notice)[bool(notice.link) :]
    parts.append(f"<p style='color:#555555'>{'<br>'.join(map(escape, foot))}</p>")
    return f'<!doctype html><html lang="{notice.language}"><meta charset="utf-8"><body>{"".join(parts)}</body></html>\n'


def _list(kind: str, items: "Sequence[str] | map[str]") -> str:
    return f"<{kind}>{''.join(f'<li>{item}</li>' for item in items)}</{kind}>"


def _link(address: str, text: str) -> str:
    return f'<a href="{escape(address)}">{text}</a>'
