"""Lambda's side of a trigger, which moto does not play: from a queue or a stream to the function and back."""

import base64
from collections.abc import Callable
from typing import Any

from tests.servers.aws import REGION, Aws
from tests.servers.runtime import FunctionError

Invoke = Callable[[Any], Any]


def drain_queue(aws: Aws, queue: str, invoke: Invoke, *, most: int = 50, batch: int = 10) -> list[str]:
    """Hand a queue's messages to a function until none is visible; return the errors of invocations that failed.

    What the function does not name as failed is deleted; after an error nothing is.
    """
    sqs, arn, errors = aws.client("sqs"), aws.arn(queue), []
    for _ in range(most):
        asked = {"QueueUrl": queue, "MaxNumberOfMessages": batch, "AttributeNames": ["ApproximateReceiveCount"]}
        messages = sqs.receive_message(**asked).get("Messages", [])
        if not messages:
            break
        records = [
            {
                "messageId": message["MessageId"], "receiptHandle": message["ReceiptHandle"], "body": message["Body"],
                "attributes": message["Attributes"], "eventSource": "aws:sqs", "eventSourceARN": arn,
                "awsRegion": REGION,
            }
            for message in messages
        ]  # fmt: skip
        try:
            failed = {each["itemIdentifier"] for each in invoke({"Records": records})["batchItemFailures"]}
        except FunctionError as error:
            errors.append(str(error))
            continue
        for message in messages:
            if message["MessageId"] not in failed:
                sqs.delete_message(QueueUrl=queue, ReceiptHandle=message["ReceiptHandle"])
    return errors


def drain_stream(aws: Aws, stream: str, invoke: Invoke, *, most: int = 20) -> list[list[str]]:
    """Hand a stream's records to a function, and again from the first that failed; return what each invocation had."""
    kinesis = aws.client("kinesis")
    [shard] = kinesis.describe_stream(StreamName=stream)["StreamDescription"]["Shards"]
    asked = {"StreamName": stream, "ShardId": shard["ShardId"], "ShardIteratorType": "TRIM_HORIZON"}
    found = kinesis.get_records(ShardIterator=kinesis.get_shard_iterator(**asked)["ShardIterator"])["Records"]
    arn = f"arn:aws:kinesis:{REGION}:123456789012:stream/{stream}"
    left = [
        {
            "eventSource": "aws:kinesis", "eventSourceARN": arn,
            "kinesis": {"sequenceNumber": each["SequenceNumber"], "data": base64.b64encode(each["Data"]).decode()},
        }
        for each in found
    ]  # fmt: skip
    had = []
    for _ in range(most):
        if not left:
            break
        had.append([each["kinesis"]["sequenceNumber"] for each in left])
        try:
            failed = [each["itemIdentifier"] for each in invoke({"Records": left})["batchItemFailures"]]
        except FunctionError:
            continue
        left = left[had[-1].index(min(failed, key=had[-1].index)) :] if failed else []
    return had
