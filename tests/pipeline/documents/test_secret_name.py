"""Names of fields: which hold secrets, and which only sound like it."""

import pytest

from pipeline.documents.secret_name import ENDINGS, is_secret_name

HOLDING = (
    "password", "Password", "PASSWORD", "masterUserPassword", "MasterUserPassword", "newPassword", "oldPassword",
    "previousPassword", "temporaryPassword", "bindPassword", "smbPassword", "admin_password", "DB-Password",
    "domainJoinUserPassword", "servicePassword", "passphrase", "passCode", "pwd", "secret", "clientSecret",
    "client_secret", "sharedSecret", "SecretString", "secretBinary", "secretHash", "secretAccessKey",
    "secret_access_key",    "secretKey", "privateKey", "private_key_pem", "privateKeyPlaintext", "preSharedKey",
    "tunnel1PreSharedKey",
    "keyMaterial", "plaintext", "Plaintext", "token", "sessionToken", "session_token", "securityToken", "accessToken",
    "refreshToken", "idToken", "authToken", "bearerToken", "authorizationToken", "oAuthToken", "gitHubToken",
    "webIdentityToken", "signinToken", "taskToken", "tokenCode", "mfaCode", "authorizationCode", "authenticationCode1",
    "authenticationCode2", "SAMLAssertion", "samlResponse", "authParameters", "Authorization", "authorization",
    "X-Amz-Security-Token", "x-amz-security-token", "X-Amz-Signature", "Cookie", "set-cookie", "connectionString",
    "userData", "x-amz-server-side-encryption-customer-key", "sSECustomerKey", "x-api-key", "apiSecret",
)  # fmt: skip
HARMLESS = (
    "nextToken", "NextToken", "clientToken", "clientRequestToken", "continuationToken", "next-continuation-token",
    "paginationToken", "pageToken", "nextPageToken", "startingToken", "sequenceToken", "uploadSequenceToken",
    "nextSequenceToken", "idempotencyToken", "creationToken", "requestToken", "changeToken", "nextForwardToken",
    "secretId", "secretArn", "secretName", "masterUserSecret", "masterUserSecretKmsKeyId", "passwordPolicy",
    "passwordResetRequired", "minimumPasswordLength", "manageMasterUserPassword2", "tokenId", "tokenType", "keyId",
    "key",    "accessKeyId", "publicKey", "sSHPublicKeyBody", "privateKeyType", "authorizationConfig",
    "plaintextLength", "name",
    "bucketName", "signatureVersion", "x-amz-server-side-encryption-customer-key-md5", "credentialDuration",
)  # fmt: skip


@pytest.mark.parametrize("name", HOLDING)
def test_names_of_secrets_are_known_however_they_are_written(name):
    assert is_secret_name(name)


@pytest.mark.parametrize("name", HARMLESS)
def test_names_that_an_analyst_searches_by_are_not_taken_for_secrets(name):
    assert not is_secret_name(name)


@pytest.mark.parametrize("ending", ENDINGS)
def test_every_row_of_the_table_decides_by_itself_and_as_an_ending(ending):
    assert is_secret_name(ending)
    assert is_secret_name(f"some_{ending.upper()}")
    assert not is_secret_name(f"{ending}Rotation")


def test_a_giant_name_is_told_by_its_end():
    assert is_secret_name("x" * 40_000 + "Password")
