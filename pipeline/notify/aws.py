"""Clients of SNS and SES, and what they answer."""

from collections.abc import Callable
from functools import cache
from typing import Any, Final

from pipeline.errors import OddtrailError
from pipeline.notify.outcome import SENT, Outcome
from pipeline.search.aws import find_credentials

_THIS_ONE: Final = frozenset(
    {"InvalidParameter", "InvalidParameterValue", "ValidationException", "MessageRejected", "BadRequestException"}
)
"""Codes that speak of the message."""
_ABOUT_SENDER: Final = ("verified", "authority", "topic", "arn", "identity")


@cache
def make_client(service: str, region: str, role: str, external_id: str) -> Any:
    """A client that waits for nobody for long and tries once: the outbox tries again."""
    import boto3
    from botocore.config import Config
    from botocore.session import get_session

    session = get_session()
    session._credentials = find_credentials(role, external_id, region)
    config = Config(connect_timeout=3, read_timeout=5, retries={"total_max_attempts": 1, "mode": "standard"})
    return boto3.Session(botocore_session=session).client(service, region_name=region or None, config=config)


def attempt(where: str, call: Callable[[], object]) -> Outcome:
    """Call AWS once; what goes wrong is told, not raised."""
    from botocore.exceptions import BotoCoreError, ClientError

    try:
        call()
    except ClientError as error:
        told = error.response.get("Error", {})
        code, message = str(told.get("Code", "")), str(told.get("Message", ""))[:300]
        whole = code in _THIS_ONE and not any(word in message.lower() for word in _ABOUT_SENDER)
        return Outcome("refused" if whole else "later", f"{where} answers {code}: {message}")
    except BotoCoreError as error:
        return Outcome("later", f"{where} cannot be reached ({type(error).__name__}): {str(error)[:300]}")
    except OddtrailError as error:
        return Outcome("later", str(error))
    return SENT
