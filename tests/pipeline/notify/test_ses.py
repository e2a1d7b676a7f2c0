"""Mail: no header but ours, no HTML but ours, whatever an attacker wrote; and SES takes it."""

import email
import email.policy
from html.parser import HTMLParser

import boto3
import pytest
from moto import mock_aws
from moto.ses.models import ses_backends

from pipeline.notify import aws, ses
from pipeline.notify.change import Change
from pipeline.notify.notice import Maker
from pipeline.notify.ses import Ses, write_mail
from tests.builders import an_alert
from tests.pipeline.notify.hostile import HOSTILE, PAGE, a_hostile_digest, a_hostile_notice, strange_links

HEADERS = {
    "From", "To", "Subject", "Message-ID", "References", "Auto-Submitted", "X-Oddtrail-Message", "MIME-Version",
    "Content-Type",
}  # fmt: skip
TAGS = {"html", "meta", "body", "p", "strong", "h2", "h3", "ul", "ol", "li", "pre", "a", "br"}


class Tags(HTMLParser):
    def __init__(self):
        super().__init__()
        self.found, self.links, self.attributes = set(), set(), set()

    def handle_starttag(self, tag, attrs):
        self.found.add(tag)
        self.attributes |= {name for name, _ in attrs}
        self.links |= {value for name, value in attrs if name == "href"}


def read(notice):
    """The mail as whoever receives it reads it: headers, text, and what its HTML holds."""
    raw = write_mail(notice, "odd@example.com", ["soc@example.com", "b@example.com"]).as_bytes()
    mail = email.message_from_bytes(raw, policy=email.policy.default)
    page = Tags()
    page.feed(mail.get_body(("html",)).get_content())
    return mail, mail.get_body(("plain",)).get_content(), page


def faults(notice):
    mail, text, page = read(notice)
    found = [name for name in mail if name not in HEADERS]
    found += [tag for tag in page.found if tag not in TAGS]
    found += [name for name in page.attributes if name not in {"style", "href", "charset", "lang"}]
    found += [link for link in page.links if not link.startswith(PAGE)]
    found += ["two"] * any(len(mail.get_all(name)) > 1 for name in mail)
    return found + strange_links(text)


@pytest.mark.parametrize("name", HOSTILE)
def test_nothing_of_what_an_attacker_wrote_does_anything(name):
    for notice in (a_hostile_notice(HOSTILE[name]), a_hostile_digest(HOSTILE[name])):
        assert faults(notice) == []
        assert len(write_mail(notice, "odd@example.com", ["soc@example.com"]).as_bytes()) < 100_000


def test_the_test_sees_what_is_not_escaped(monkeypatch):
    monkeypatch.setattr(ses, "escape", lambda text: text)
    assert "script" in faults(a_hostile_notice(HOSTILE["html"]))


def test_a_header_with_a_line_break_is_refused():
    for sender, to in (
        ("odd@example.com\r\nBcc: x@example.com", "soc@example.com"),
        ("odd@example.com", "a@b.c\nX: y"),
    ):
        with pytest.raises(ValueError, match=r"[Hh]eader|[Ii]nvalid|linefeed|CR|parse"):
            write_mail(a_hostile_notice("x"), sender, [to])


def test_a_mail_says_it_in_text_and_in_html():
    notice = Maker("n", page_url=PAGE).tell(an_alert(principal_name="Zoë"), Change("raised"))
    mail, text, page = read(notice)
    assert mail["Subject"] == "[oddtrail] CRITICAL: deploy called iam:CreateAccessKey."
    assert mail["To"] == "soc@example.com, b@example.com"
    assert "Who: Zoë (workload)" in text
    assert page.links == {f"{PAGE}/alert?id=a1"}


@mock_aws
def test_ses_takes_it(monkeypatch):
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.setenv(name, "testing")
    aws.make_client.cache_clear()
    sink = Ses("odd@example.com", ["soc@example.com"], "eu-west-1")
    notice = a_hostile_notice(HOSTILE["header"])
    outcome = sink.send(notice, 5)
    assert outcome.result == "later", "the address is not verified, which somebody can put right"
    assert "MessageRejected" in outcome.problem
    boto3.client("sesv2", region_name="eu-west-1").create_email_identity(EmailIdentity="odd@example.com")
    assert sink.send(notice, 5).result == "sent"
    backend = next(found["eu-west-1"] for found in ses_backends.values() if "eu-west-1" in found)
    [sent] = backend.sent_messages
    assert set(sent.destinations) == {"soc@example.com"}
    assert set(email.message_from_string(str(sent.raw_data))) <= HEADERS
    aws.make_client.cache_clear()
