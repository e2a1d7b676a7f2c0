"""Who it was and how to stop them, by kind of principal and by the credential that was used."""

import re
from datetime import datetime
from typing import Final

from pipeline.alerts.commands import fill
from pipeline.alerts.step import Step
from pipeline.stores.alert import Alert, AlertOpener, AlertSession
from pipeline.words.words import Words, put

MOST_COMMANDS: Final = 4
"""Commands of a step."""

CONTAIN: Final[dict[str, str]] = {
    "human": "Ask {who} over another channel whether this was them. If not: {stop}.",
    "workload": "Ask the owner of {who} about a release or a job. If there was none: {stop}, and find where the "
    "credential was "
    "taken from.",
    "ci": "Ask the owners of {who} which run this was. If none: stop the pipeline, {stop}, rotate its secrets, and "
    "look at "
    "the conditions of the role's trust policy.",
    "root": "Nobody should need root for this: reach the owner of the account now. If it was not them: change root's "
    "password and MFA, and delete any access key of root.",
    "external": "Ask who let {who} in. If nobody can say: take it out of the trust or resource policy that did.",
    "aws_service": "Find out who set up the service that acted as {who}; the change is theirs.",
    "anonymous": "Somebody without credentials was let in: find the public policy, and close it.",
}
"""How to find out whether it was them and how to stop them, by kind of principal."""
ANYBODY: Final = "Find out whether {who} did this on purpose. If nobody can say: {stop}."
"""The same for a kind that is not known."""
_RESERVED: Final = "AWSReservedSSO_"
_USER = re.compile(r"arn:aws[\w-]*:iam::\d*:user/(?:.*/)?([^/]+)")
_ROLE = re.compile(r"arn:aws[\w-]*:iam::\d*:role/(?:.*/)?([^/]+)")
_DISABLE_KEY: Final = "aws iam update-access-key --user-name {user} --access-key-id {key} --status Inactive"
_FIND_PERSON: Final = (
    'aws identitystore list-users --identity-store-id "$(aws sso-admin list-instances --query '
    "'Instances[0].IdentityStoreId' --output text)\" --filters AttributePath=UserName,AttributeValue={name}"
)


def contain(alert: Alert, words: Words) -> Step:
    """The first step: whom to ask, what to stop, with what the calls were made."""
    stop, commands = _stop(alert, words)
    text = put(words.find(CONTAIN.get(alert.principal_kind, ANYBODY)), {"who": alert.principal_name, "stop": stop})
    sentences = [text, *(_tell_session(session, words) for session in alert.sessions[:1])]
    return Step(" ".join(filter(None, sentences)), tuple(commands[:MOST_COMMANDS]), named=True)


def _stop(alert: Alert, words: Words) -> tuple[str, list[str]]:
    """How to stop the credentials that were used, in words, and the commands."""
    session = alert.sessions[0] if alert.sessions else None
    identity = session.identity if session else alert.identities[0] if alert.identities else ""
    if alert.principal_kind == "root":
        return "", fill(
            "aws iam get-account-summary --query 'SummaryMap.[AccountAccessKeysPresent,AccountMFAEnabled]'", {}
        )
    if _RESERVED in identity:
        name = session.session_name if session else ""
        end = words.say(
            "end their sessions in IAM Identity Center (Users, the user, Active sessions), and disable the user there"
        )
        return end, fill(_FIND_PERSON, {"name": [name or alert.principal_name]})
    if user := _USER.fullmatch(identity):
        return _stop_user(user[1], alert, words)
    if role := _ROLE.fullmatch(identity):
        return _stop_role(role[1], alert, words)
    return words.say("revoke the credentials that were used"), []


def _stop_user(user: str, alert: Alert, words: Words) -> tuple[str, list[str]]:
    keys = list(dict.fromkeys(session.access_key for session in alert.sessions if session.access_key))
    lasting = [key for key in keys if key.startswith("AKIA")]
    values = {"user": [user], "key": lasting, "document": [_deny_older(alert.detected_at)]}
    made = fill(_DISABLE_KEY, values)
    if lasting and lasting == keys:
        return words.say_many(
            len(lasting),
            "disable key {keys} of user {user}",
            "disable keys {keys} of user {user}",
            keys=", ".join(lasting),
            user=user,
        ), made
    made += fill(
        "aws iam put-user-policy --user-name {user} --policy-name RevokeOlderSessions --policy-document {document}",
        values,
    )
    made += fill("aws iam delete-login-profile --user-name {user}", values)
    if lasting:
        return words.say_many(
            len(lasting),
            "disable key {keys} and the password of user {user}, and revoke the sessions that are open",
            "disable keys {keys} and the password of user {user}, and revoke the sessions that are open",
            keys=", ".join(lasting),
            user=user,
        ), made
    made += fill("aws iam list-access-keys --user-name {user}", values)
    return words.say("revoke the open sessions of user {user}, and disable the password and keys", user=user), made


def _stop_role(role: str, alert: Alert, words: Words) -> tuple[str, list[str]]:
    values = {"role": [role], "document": [_deny_older(alert.detected_at)]}
    made = fill(
        "aws iam put-role-policy --role-name {role} --policy-name AWSRevokeOlderSessions --policy-document {document}",
        values,
    )
    openers = [opener for session in alert.sessions for opener in session.opened_by[-1:]]
    made += [command for opener in openers[:1] for command in _stop_opener(opener)]
    return words.say("revoke the open sessions of role {role}", role=role), made


def _stop_opener(opener: AlertOpener) -> list[str]:
    user = _USER.fullmatch(opener.identity)
    if not user or not opener.access_key.startswith("AKIA"):
        return []
    return fill(_DISABLE_KEY, {"user": [user[1]], "key": [opener.access_key]})


def _deny_older(time: datetime) -> str:
    """The policy by which the IAM console revokes the sessions that were open at a time."""
    return (
        '{"Version":"2012-10-17","Statement":[{"Effect":"Deny","Action":"*","Resource":"*","Condition":'
        f'{{"DateLessThan":{{"aws:TokenIssueTime":"{time:%Y-%m-%dT%H:%M:%SZ}"}}}}}}]}}'
    )


def _tell_session(session: AlertSession, words: Words) -> str:
    """With what the calls were made, and who opened the session."""
    used = [
        words.say("key {key}", key=session.access_key) if session.access_key else "",
        words.say("session {name}", name=session.session_name) if session.session_name else "",
    ]
    places = [
        words.say("from {place}", place=session.addresses[0]) if session.addresses else "",
        words.say("with {agent}", agent=_shorten(session.agents[0])) if session.agents else "",
    ]
    used = list(filter(None, used))
    sentence = ""
    for part in filter(None, [", ".join(used), *places]):
        sentence = words.say("{used} {place}", used=sentence, place=part) if sentence else part
    if not sentence:
        return ""
    opened = []
    for number, opener in enumerate(session.opened_by):
        said = _name_opener(opener, words)
        opened.append(
            words.say("; that one was opened by {opener}", opener=said)
            if number
            else words.say("; opened by {opener}", opener=said)
        )
    if used:
        return words.say("Used: {what}.", what=sentence + "".join(opened))
    return words.say("Used {what}.", what=sentence + "".join(opened))


def _shorten(agent: str) -> str:
    """The product that a user agent begins with; the whole of it stands beside the session.

    >>> _shorten("Boto3/1.34.131 md/Botocore#1.34.131"), _shorten("S3 Browser/11.6.7 (https://s3browser.com)")
    ('Boto3/1.34.131', 'S3 Browser/11.6.7')
    """
    product = re.match(r"[^/(]{1,40}(?:/[\w.]{1,20})?", agent)
    return product[0].strip() if product else agent[:40]


def _name_opener(opener: AlertOpener, words: Words) -> str:
    if opener.access_key:
        return words.say(
            "{who} with key {key} from {place} ({action})",
            who=opener.principal_name,
            key=opener.access_key,
            place=opener.address,
            action=opener.action,
        )
    return words.say(
        "{who} from {place} ({action})", who=opener.principal_name, place=opener.address, action=opener.action
    )
