"""The OpenID factor: what is asked of a provider, and what is believed of its answers.

After OpenID Connect Core 1.0 (code flow) and Discovery 1.0, RFC 7636 (PKCE), RFC 9207 (who answers), RFC 9700.
"""

import asyncio
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote_plus, urlencode

import aiohttp
import structlog
from pydantic import BaseModel, ValidationError
from pydantic_core import from_json

from autograph.auth.factors.id_token import (
    ALGORITHMS,
    Expected,
    Key,
    NotBelieved,
    UnknownKey,
    keys_of,
    read_id_token,
)
from autograph.auth.factors.part import Factor
from autograph.auth.oidc_settings import OidcSettings, is_safe
from autograph.core.clock import Clock

FACTOR = Factor("oidc", opens=True, is_enough=True)

ANSWER_SECONDS = 5.0
LARGEST_ANSWER_BYTES = 512 * 1024
KEEP_SECONDS = 3600.0
"""For how long what a provider says of itself, and its keys, are used again."""

REST_SECONDS = 5.0
"""A provider that did not answer is not asked anew before that; as seldom are keys fetched for names unknown."""

_ADDRESS = frozenset({"email", "email_verified"})
"""They belong together: both are taken from one answer."""

_ERROR_CODE = re.compile(r"[a-z_]{1,40}")

_log = structlog.get_logger(__name__)


class Away(Exception):  # noqa: N818 - what became of a question
    """The provider does not answer just now."""


class Refused(Exception):  # noqa: N818 - what became of a question
    """The provider does not take the code: it was used, is too old, or was given to somebody else."""


class Metadata(BaseModel):
    """What a provider says of itself, as far as it concerns us."""

    issuer: str
    authorization_endpoint: str
    token_endpoint: str
    jwks_uri: str
    userinfo_endpoint: str | None = None
    id_token_signing_alg_values_supported: list[str] = ["RS256"]
    token_endpoint_auth_methods_supported: list[str] = ["client_secret_basic"]
    authorization_response_iss_parameter_supported: bool = False

    def algorithms(self) -> frozenset[str]:
        """Return how ID tokens may be signed."""
        return frozenset(self.id_token_signing_alg_values_supported) & ALGORITHMS.keys()


@dataclass(frozen=True, slots=True)
class Begun:
    """What belongs to one sign-in and must come back, or be known, when it ends.

    Attributes:
        state: Comes back by the browser.
        nonce: Comes back in the ID token.
        verifier: Is told with the code; its hash was told before (PKCE).
        redirect_uri: To where the browser comes back.
    """

    state: str
    nonce: str
    verifier: str
    redirect_uri: str


class Provider:
    """One provider. For one event loop.

    Args:
        slug: How it is called here.
        settings: Who it is, and who we are to it.
        session: Returns the HTTP session that questions go out by.
        clock: Time.
    """

    def __init__(
        self, slug: str, settings: OidcSettings, *, session: Callable[[], aiohttp.ClientSession], clock: Clock
    ) -> None:
        self.slug = slug
        self.settings = settings
        self._session = session
        self._clock = clock
        self._metadata: Metadata | None = None
        self._keys: tuple[Key, ...] = ()
        self._metadata_until = self._keys_until = self._keys_again = self._away_until = float("-inf")
        self._asking = asyncio.Lock()

    @property
    def name(self) -> str:
        """What people call it."""
        return self.settings.name or self.slug

    async def metadata(self) -> Metadata:
        """Return what the provider says of itself.

        Raises:
            Away: It does not answer.
            NotBelieved: What it says cannot be.
        """
        async with self._asking:
            if self._metadata is None or self._clock.monotonic() >= self._metadata_until:
                url = self.settings.issuer.rstrip("/") + "/.well-known/openid-configuration"
                self._metadata = _checked(await self._get(url), self.settings)
                self._metadata_until = self._clock.monotonic() + KEEP_SECONDS
            return self._metadata

    async def where(self, begun: Begun, challenge: str) -> str:
        """Return the address at the provider where somebody signs in; `challenge` is the verifier's hash.

        Raises:
            Away: It does not answer.
            NotBelieved: What it says of itself cannot be.
        """
        endpoint = (await self.metadata()).authorization_endpoint
        asked = {
            "response_type": "code",
            "client_id": self.settings.client_id,
            "redirect_uri": begun.redirect_uri,
            "scope": " ".join(self.settings.scopes),
            "state": begun.state,
            "nonce": begun.nonce,
            "code_challenge": challenge,
            "code_challenge_method": "S256",
        }
        return f"{endpoint}{'&' if '?' in endpoint else '?'}{urlencode(asked)}"

    async def claims(self, begun: Begun, code: str, issuer: str | None) -> dict[str, Any]:
        """Return what the provider says of whoever came back with `code`.

        Args:
            begun: What belongs to this sign-in.
            code: As it came.
            issuer: Who the answer says it is from; providers that announce it must say it.

        Raises:
            Refused: It does not take the code.
            Away: It does not answer.
            NotBelieved: An answer is not proven.
        """
        found = await self.metadata()
        says_who = issuer is not None or found.authorization_response_iss_parameter_supported
        if says_who and issuer != found.issuer:
            raise NotBelieved("the answer came from another provider")
        answer = await self._exchange(found, begun, code)
        token = answer.get("id_token")
        if not isinstance(token, str):
            raise NotBelieved("there was no ID token")
        claims = await self._verified(found, token, begun.nonce)
        return await self._completed(found, claims, answer.get("access_token"))

    async def _exchange(self, found: Metadata, begun: Begun, code: str) -> dict[str, Any]:
        sent = {
            "grant_type": "authorization_code",
            "code": code,
            "redirect_uri": begun.redirect_uri,
            "code_verifier": begun.verifier,
        }
        headers = {}
        client_id, secret = self.settings.client_id, self.settings.client_secret.get_secret_value()
        methods = found.token_endpoint_auth_methods_supported
        if secret and ("client_secret_basic" in methods or "client_secret_post" not in methods):
            basic = aiohttp.encode_basic_auth(quote_plus(client_id), quote_plus(secret))
            headers["authorization"] = basic
        else:
            sent |= {"client_id": client_id, **({"client_secret": secret} if secret else {})}
        status, answer = await self._ask("POST", found.token_endpoint, headers=headers, data=sent)
        if status == 200:
            return answer
        error = str(answer.get("error"))
        error = error if _ERROR_CODE.fullmatch(error) else "none"
        if error == "invalid_grant":
            raise Refused
        raise NotBelieved(f"the provider refused AutoGraph itself: status {status}, error {error}")

    async def _verified(self, found: Metadata, token: str, nonce: str) -> dict[str, Any]:
        expected = Expected(
            issuer=found.issuer,
            client_id=self.settings.client_id,
            nonce=nonce,
            algorithms=found.algorithms(),
            now=int(self._clock.now().timestamp()),
        )
        try:
            return read_id_token(token, await self._known_keys(found), expected)
        except UnknownKey:
            keys = await self._known_keys(found, anew=True)
        try:
            return read_id_token(token, keys, expected)
        except UnknownKey as reason:
            raise NotBelieved("the ID token is signed with a key that the provider does not have") from reason

    async def _completed(self, found: Metadata, claims: dict[str, Any], access_token: Any) -> dict[str, Any]:
        """Ask for what the ID token leaves out: some providers tell address and groups only when asked."""
        wants_groups = bool(self.settings.roles) and self._groups(claims) is None
        if not (wants_groups or "email" not in claims) or not found.userinfo_endpoint:
            return claims
        if not isinstance(access_token, str) or not access_token.isascii() or not access_token.isprintable():
            return claims
        headers = {"authorization": f"Bearer {access_token}"}
        status, answer = await self._ask("GET", found.userinfo_endpoint, headers=headers)
        if status != 200:
            return claims
        if answer.get("sub") != claims["sub"]:
            raise NotBelieved("what was told on request is about somebody else")
        told = {**answer, **claims}
        told |= {name: (claims if "email" in claims else answer).get(name) for name in _ADDRESS}
        return {name: value for name, value in told.items() if value is not None}

    def groups(self, claims: Mapping[str, Any]) -> frozenset[str]:
        """Return the groups that verified `claims` name."""
        named = self._groups(claims)
        found = [named] if isinstance(named, str) else named
        return (
            frozenset(one for one in found if isinstance(one, str))
            if isinstance(found, list)
            else frozenset()
        )

    def _groups(self, claims: Mapping[str, Any]) -> Any:
        wanted = self.settings.groups_claim
        if wanted in claims:
            return claims[wanted]
        found: Any = claims
        for part in wanted.split("."):
            found = found.get(part) if isinstance(found, Mapping) else None
        return found

    async def _known_keys(self, found: Metadata, *, anew: bool = False) -> tuple[Key, ...]:
        async with self._asking:
            now = self._clock.monotonic()
            if now >= self._keys_until or (anew and now >= self._keys_again):
                self._keys_again = now + REST_SECONDS
                self._keys = keys_of(await self._get(found.jwks_uri))
                self._keys_until = self._clock.monotonic() + KEEP_SECONDS
            return self._keys

    async def _get(self, url: str) -> dict[str, Any]:
        if self._clock.monotonic() < self._away_until:
            raise Away
        try:
            status, answer = await self._ask("GET", url)
        except Away:
            self._away_until = self._clock.monotonic() + REST_SECONDS
            raise
        if status != 200:
            raise NotBelieved(f"the provider answered with status {status}: is the issuer right?")
        return answer

    async def _ask(
        self, method: str, url: str, *, headers: Mapping[str, str] | None = None, data: Any = None
    ) -> tuple[int, dict[str, Any]]:
        """Return status and JSON object of an answer; no redirect is followed."""
        sent = {"accept": "application/json", **(headers or {})}
        try:
            async with self._session().request(
                method, url, headers=sent, data=data, allow_redirects=False
            ) as response:
                body = bytearray()
                async for chunk in response.content.iter_chunked(16 * 1024):
                    body += chunk
                    if len(body) > LARGEST_ANSWER_BYTES:
                        raise NotBelieved("an answer is too large")
                status = response.status
        except (TimeoutError, OSError, aiohttp.ClientError) as error:
            _log.warning("oidc.provider_away", provider=self.slug, reason=type(error).__name__)
            raise Away from error
        if status >= 500 or status == 429:
            _log.warning("oidc.provider_away", provider=self.slug, reason=f"status {status}")
            raise Away
        try:
            answer = from_json(bytes(body), allow_inf_nan=False)
        except ValueError:
            answer = None
        if not isinstance(answer, dict):
            if status == 200:
                raise NotBelieved("an answer is no JSON object")
            answer = {}
        return status, answer


def _checked(answer: dict[str, Any], settings: OidcSettings) -> Metadata:
    try:
        found = Metadata.model_validate(answer)
    except ValidationError as reason:
        raise NotBelieved("the provider does not say what it must say of itself") from reason
    if found.issuer.rstrip("/") != settings.issuer.rstrip("/"):
        raise NotBelieved("the provider calls itself otherwise than the issuer that is set")
    asked = (found.authorization_endpoint, found.token_endpoint, found.jwks_uri, found.userinfo_endpoint)
    if not all(is_safe(url) for url in asked if url is not None):
        raise NotBelieved("the provider names an address without https")
    if not found.algorithms():
        raise NotBelieved("the provider signs ID tokens in no way that is believed here")
    return found


def new_session() -> aiohttp.ClientSession:
    """Return an HTTP session for questions to providers; its owner closes it."""
    patience = aiohttp.ClientTimeout(total=ANSWER_SECONDS, connect=ANSWER_SECONDS / 2)
    return aiohttp.ClientSession(timeout=patience, cookie_jar=aiohttp.DummyCookieJar())
