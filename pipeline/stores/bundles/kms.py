"""A private key that never leaves AWS KMS: whoever may `kms:Sign` with it can publish, and nobody can copy it."""

import re
from functools import cached_property
from typing import Any, Final

from pipeline.errors import ModelError
from pipeline.stores.bundles.pair import Kind, PublicKey, beside, message_of, read_der

SCHEME: Final = "kms:"
_ARN: Final = re.compile(r"arn:aws[a-z-]*:kms:([a-z0-9-]+):\d{12}:", re.ASCII)
_ALGORITHMS: Final[dict[Kind, str]] = {"p256": "ECDSA_SHA_256", "ed25519": "ED25519_SHA_512"}


class KmsKey:
    """A key of KMS that signs: ECC_NIST_P256 or ECC_NIST_EDWARDS25519.

    Parameters
    ----------
    key_id
        Its id, ARN or alias, as KMS takes it; an ARN names its region.
    """

    def __init__(self, key_id: str, client: Any = None) -> None:
        self.key_id = key_id
        self._given = client

    @cached_property
    def _client(self) -> Any:
        if self._given is not None:
            return self._given
        import boto3
        from botocore.config import Config

        found = _ARN.match(self.key_id)
        config = Config(connect_timeout=10, read_timeout=30, retries={"mode": "standard", "total_max_attempts": 5})
        return boto3.client("kms", region_name=found[1] if found else None, config=config)

    def _ask(self, action: str, call: str, **asked: Any) -> Any:
        from botocore.exceptions import BotoCoreError, ClientError

        try:
            return getattr(self._client, call)(KeyId=self.key_id, **asked)
        except (ClientError, BotoCoreError) as error:
            told = getattr(error, "response", {}).get("Error", {})
            code = told.get("Code") or type(error).__name__
            raise ModelError(
                f"signing_key is {SCHEME}{self.key_id}, with which KMS does not sign ({code}: "
                f"{str(told.get('Message') or error)[:200]}): check the key's id and region, and allow {action}"
            ) from error

    @cached_property
    def public(self) -> PublicKey:
        """The half that verifies."""
        found = self._ask("kms:GetPublicKey", "get_public_key")
        try:
            return read_der(found["PublicKey"])
        except (ValueError, LookupError) as error:
            raise ModelError(
                f"signing_key is {SCHEME}{self.key_id}, whose key {error}: make one that signs, of the kind "
                "ECC_NIST_P256 or ECC_NIST_EDWARDS25519"
            ) from error

    def sign(self, body: bytes) -> dict[str, str]:
        """The members that stand beside a text."""
        message = message_of(body)
        signed = self._ask(
            "kms:Sign", "sign", Message=message, MessageType="RAW", SigningAlgorithm=_ALGORITHMS[self.public.kind]
        )
        return beside(self.public, signed["Signature"])
