"""Taking a role: the record in the caller's account and, across accounts, its twin in the role's."""

from random import Random
from typing import Final

from pipeline.simulate.calls import call
from pipeline.simulate.identity import Identity, unique
from pipeline.simulate.trail import Caller, Trail, uuid

ASSUME: Final = call("sts:AssumeRole")


def role_resource(target: Identity) -> str:
    """Return the record's `resources` for a role.

    >>> role_resource(Identity("111122223333", "app", "AROAX"))[:40]
    '[{"accountId":"111122223333","type":"AWS'
    """
    return f'[{{"accountId":"{target.account}","type":"AWS::IAM::Role","ARN":"{target.arn}"}}]'


def assume(
    choice: Random, at: int, caller: Caller, principal: str, target: Identity, session: str, region: str, trail: Trail
) -> tuple[Caller, list[str]]:
    """Record that a caller takes a role, and return the caller it becomes and the ids of the records.

    Parameters
    ----------
    principal
        The caller's principalId.
    session
        Name it gives its session.
    """
    key = unique(choice, "ASIA")
    shared = f'"sharedEventID":"{uuid(choice)}",'
    resources = role_resource(target)
    request = f'{{"roleArn":"{target.arn}","roleSessionName":"{session}","durationSeconds":3600}}'
    response = f'{{"credentials":{{"accessKeyId":"{key}","sessionToken":"redacted"}}}}'
    ids = [trail.add(choice, at, caller, ASSUME, region, request, response, shared=shared, resources=resources)]
    if target.account != caller.account:
        outside = Caller(
            f'{{"type":"AWSAccount","principalId":"{principal}","accountId":"{caller.account}"}}',
            caller.account,
            caller.address,
            caller.agent,
        )
        twin = trail.add(
            choice,
            at,
            outside,
            ASSUME,
            region,
            request,
            response,
            recipient=target.account,
            shared=shared,
            resources=resources,
        )
        ids.append(twin)
    identity = target.role_json(session, key, at)
    return Caller(identity, target.account, caller.address, caller.agent), [event_id for event_id in ids if event_id]
