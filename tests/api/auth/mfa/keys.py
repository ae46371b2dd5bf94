"""What is done with passkeys."""

from tests.api.auth.mfa.conftest import PASSWORD

LOGIN = "/api/auth/passkeys/login"


async def added(asker, authenticator, name="phone", **wrong):
    """Set a passkey up."""
    options = (await asker("POST", "/api/auth/passkeys/options", {"current_password": PASSWORD})).json()
    credential = authenticator.create(options["public_key"], **wrong)
    return await asker("POST", "/api/auth/passkeys", {"credential": credential, "name": name})


async def asked(call, token=None):
    """What a browser is asked at a sign-in."""
    body = {"mfa_token": token} if token else {}
    return (await call("POST", LOGIN + "/options", body)).json()["public_key"]


async def shown(call, authenticator, more=None, held=None, **wrong):
    """Sign in with a passkey; `more` goes along with the answer, its token with the question as well."""
    options = await asked(call, (more or {}).get("mfa_token"))
    credential = authenticator.get(options, held, **wrong)
    return await call("POST", LOGIN, {"credential": credential, **(more or {})})
