"""Names of fields whose values are secret, in whatever way a service writes them: `masterUserPassword`, `db_password`.

CloudTrail hides most of what it knows to be secret; what gets through is known from what people found in their logs
(session tokens in the answers of STS, passwords in requests of RDS and directories, keys in the answers of key pairs).
"""

import re
from functools import lru_cache
from typing import Final

_LONGEST: Final = 64
"""Last characters of a name that are looked at."""
_NO_LETTER: Final = re.compile(r"[^a-z0-9]+")
ENDINGS: Final = (
    "password", "passwords", "passwd", "pwd", "passphrase", "passcode", "passwordhash", "passworddata",
    "secret", "secretkey", "secretaccesskey", "secretstring", "secretbinary", "secrethash", "clientsecretvalue",
    "privatekey", "privatekeyplaintext", "privatekeypem", "presharedkey", "sharedkey", "psk", "keymaterial",
    "plaintext", "token", "tokencode", "tokenvalue", "mfacode", "otp", "authorizationcode", "authenticationcode",
    "authenticationcode1", "authenticationcode2", "samlassertion", "samlresponse", "authparameters", "authorization",
    "cookie", "connectionstring", "userdata", "customerkey", "apikeyvalue", "apisecret", "oauth", "webhookurl",
    "xapikey", "amzsignature", "amzcredential", "additionalauthenticationdata",
)  # fmt: skip
"""What such names end with, in lower case, without what separates words."""
_SECRET: Final = re.compile("(?:" + "|".join(sorted(ENDINGS, key=len, reverse=True)) + ")$")
_HARMLESS: Final = re.compile(
    r"\w*next\w*token|\w*(?:continuation|idempot\w*|pag(?:e|ing|ination|inator)\w*|sequence)token"
    r"|(?:client|clientrequest|request|requester|creation|creator|creatorrequest|createbackup|start|starting|prev"
    r"|previous|resume|resumption|marker|sync|forward|backward|version|change|lock|report|caller|deduplication"
    r"|checkpoint|last|list|exclusivestart|scroll|operation|confirmation)token"
    r"|masterusersecret|kubernetessecret|usesecret"
)
"""Names that end so and hold nothing secret: where a list goes on, what makes a call idempotent, where a secret is."""
ENVIRONMENTS: Final = frozenset({"variables", "environmentvariables", "envvars", "envvariables"})
"""Names of objects whose values often are passwords, whatever they are called."""


def is_secret_name(name: str) -> bool:
    """Whether a field of this name holds a secret.

    >>> [is_secret_name(name) for name in ("masterUserPassword", "db_password", "sessionToken", "X-Amz-Signature")]
    [True, True, True, True]
    >>> [is_secret_name(name) for name in ("nextToken", "clientToken", "secretId", "passwordPolicy", "keyName")]
    [False, False, False, False, False]
    """
    return _is_secret(name[-_LONGEST:])


@lru_cache(8_192)
def _is_secret(name: str) -> bool:
    plain = simplify(name)
    return _SECRET.search(plain) is not None and _HARMLESS.fullmatch(plain) is None


def simplify(name: str) -> str:
    """A name in lower case without what separates its words.

    >>> simplify("DB_Password"), simplify("x-api-key")
    ('dbpassword', 'xapikey')
    """
    return _simplify(name[-_LONGEST:])


@lru_cache(8_192)
def _simplify(name: str) -> str:
    return _NO_LETTER.sub("", name.lower())
