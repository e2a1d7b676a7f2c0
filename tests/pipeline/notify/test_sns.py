"""A topic of SNS, as moto plays it: text for people, JSON for machines, attributes to filter by, nothing twice."""

import json

import boto3
import pytest
from moto import mock_aws

from pipeline.notify import aws
from pipeline.notify.change import Change
from pipeline.notify.notice import Maker
from pipeline.notify.sns import Sns, write_message
from tests.builders import an_alert
from tests.pipeline.notify.hostile import HOSTILE, a_hostile_digest, a_hostile_notice, every_text, strange_links

NOTICE = Maker("n", "prod").tell(an_alert(), Change("raised"))


@pytest.fixture
def subscribed(monkeypatch):
    """Makes a topic with a queue, and reads what came out of it."""
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.setenv(name, "testing")
    with mock_aws():
        aws.make_client.cache_clear()
        sns, sqs = (boto3.client(service, region_name="eu-west-1") for service in ("sns", "sqs"))

        def make(name):
            fifo = name.endswith(".fifo")
            topic = sns.create_topic(Name=name, Attributes={"FifoTopic": "true"} if fifo else {})["TopicArn"]
            queue = sqs.create_queue(QueueName=name, Attributes={"FifoQueue": "true"} if fifo else {})["QueueUrl"]
            arn = sqs.get_queue_attributes(QueueUrl=queue, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]
            sns.subscribe(TopicArn=topic, Protocol="sqs", Endpoint=arn)

            def read():
                came = sqs.receive_message(QueueUrl=queue, MaxNumberOfMessages=10).get("Messages", [])
                return [json.loads(message["Body"]) for message in came]

            return topic, read

        yield make
    aws.make_client.cache_clear()


def test_a_queue_gets_json_and_attributes(subscribed):
    topic, read = subscribed("odd")
    assert Sns(topic).send(NOTICE, 5).result == "sent"
    [came] = read()
    assert came["Subject"] == "oddtrail CRITICAL: deploy called iam:CreateAccessKey."
    assert json.loads(came["Message"])["data"]["headline"] == "deploy called iam:CreateAccessKey."
    attributes = {name: each["Value"] for name, each in came["MessageAttributes"].items()}
    assert attributes["severity"] == "critical"
    assert attributes["account"] == "111122223333"
    assert attributes["message_id"] == NOTICE.id


def test_a_fifo_topic_lets_a_message_through_once(subscribed):
    topic, read = subscribed("odd.fifo")
    for _ in range(2):
        assert Sns(topic).send(NOTICE, 5).result == "sent"
    assert len(read()) == 1


def test_a_topic_that_is_not_there_is_said_and_tried_again(subscribed):
    outcome = Sns("arn:aws:sns:eu-west-1:123456789012:gone").send(NOTICE, 5)
    assert outcome.result == "later"
    assert "NotFound" in outcome.problem


@pytest.mark.parametrize("name", HOSTILE)
def test_every_field_is_as_sns_takes_it(name):
    for notice in (a_hostile_notice(HOSTILE[name]), a_hostile_digest(HOSTILE[name])):
        message = write_message(notice)
        assert len(message["Message"].encode()) < 262_144
        assert message["Subject"].isascii()
        assert message["Subject"].isprintable()
        assert len(message["Subject"]) <= 100
        bodies = json.loads(message["Message"])
        assert len(bodies["sms"]) <= 140
        assert [link for text in every_text(bodies) for link in strange_links(text)] == []
        assert all(len(each["StringValue"]) <= 256 for each in message["MessageAttributes"].values())
