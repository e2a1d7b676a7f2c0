"""Who called where the identity does not say: the address does, which AWS writes and no caller.

Of two identities the same record may mean two things. As root of an account AWS itself works there now and then, for
support and for checks; and what names nobody is an event of a service, or a call by somebody on the network who was not
asked who they are (a sign-in page, a public bucket). And a role that a service owns is the service's only where the
service itself calls: from any other address, somebody holds its credential.
"""

from features.call.principal import Principal, make_principal, shorten_key


def weigh_sender(principal: Principal, invoked_by: str, address: str, service: str) -> Principal:
    """Tell who called by the address as well, where the identity leaves it open.

    Parameters
    ----------
    principal
        By the identity alone.
    invoked_by
        The AWS service that the identity names; where it does, nothing is open.
    address
        As delivered.
    service
        The AWS service that the address names; "" for any other address.

    Examples
    --------
    >>> nobody = make_principal("no_identity", "aws_service", "svc/s3.amazonaws.com", "s3.amazonaws.com", account="1")
    >>> weigh_sender(nobody, "", "203.0.113.7", "").kind, weigh_sender(nobody, "", "AWS Internal", "AWS Internal").kind
    ('anonymous', 'aws_service')
    """
    if invoked_by:
        return principal
    if principal.rule == "root" and service:
        return make_service_as_root(service, principal.identity_account)
    if principal.rule == "no_identity" and address and not service:
        owner, source = principal.identity_account, principal.principal_name
        found = make_principal("unnamed", "anonymous", f"unknown/{owner}/{source}", "unnamed caller", account=owner)
        return found._replace(identity_type=principal.identity_type)
    if principal.rule == "service_linked_role" and address and not service:
        key = shorten_key(f"{principal.identity}/elsewhere")
        return principal._replace(principal=key, actor=key, kind="workload", rule="service_role_elsewhere")
    return principal


def make_service_as_root(service: str, owner: str) -> Principal:
    """Make the principal of an AWS service that works as root of an account."""
    found = make_principal("service_as_root", "aws_service", f"svc/{service}", service, account=owner)
    return found._replace(identity_type="Root")
