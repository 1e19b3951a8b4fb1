"""Signing in through an OpenID provider: the code flow with PKCE S256, state, nonce and, when asked for, `acr`.

Standards: OpenID Connect Core 1.0 (sections 3.1.2 and 3.1.3.7), Discovery 1.0, RFC 7636, RFC 9207. What a flow must
remember travels in a sealed cookie of the browser that began it: an answer meant for another browser is refused.
"""

import hmac
import json
import secrets
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

import httpx2
from authlib.common.errors import AuthlibBaseError
from authlib.integrations.httpx_client import AsyncOAuth2Client
from cryptography.fernet import InvalidToken, MultiFernet
from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import KeySet

from registry.refusals import Refusal
from server.settings import OidcSettings

COOKIE = "ecluse-oidc"
LIFETIME = 600
"""How long a person may take at the provider, in seconds."""
_LEEWAY = 30
_TIMEOUT = 10.0
_ALGORITHMS = ("RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512", "EdDSA", "Ed25519")
"""What an ID token may be signed with: never `none`, never a shared secret."""

Claims = dict[str, Any]


class ProviderRefused(Refusal):
    """The provider's answer is not one that may sign somebody in."""

    slug, status, title = "identity-refused", 403, "Identité refusée"


class ProviderSilent(Refusal):
    """The provider cannot be reached, or answers nothing that can be read."""

    slug, status, title = "identity-unavailable", 503, "Fournisseur d'identité injoignable"


@dataclass(frozen=True)
class Flow:
    """What a sign-in through the provider remembers. `purpose`: `sign-in`, `link` (to the account of the open session
    `session`), `confirm` (that session), or `invitation` (whose link's secret is `secret`)."""

    state: str
    nonce: str
    verifier: str
    purpose: str
    following: str
    session: str = ""
    secret: str = ""


@dataclass(frozen=True)
class Identity:
    """Who the provider says it is: names an account by issuer and subject alone."""

    issuer: str
    subject: str
    siret: str | None
    acr: str | None


class Provider:
    """One provider, discovered when first needed."""

    def __init__(
        self, settings: OidcSettings, redirect_uri: str, transport: httpx2.AsyncBaseTransport | None = None
    ) -> None:
        self.settings = settings
        self._redirect_uri = redirect_uri
        self._transport = transport
        self._metadata: Claims | None = None
        self._keys: KeySet | None = None

    def new_flow(self, purpose: str, following: str, *, session: str = "", secret: str = "") -> Flow:
        """A flow with its own random state, nonce and PKCE verifier."""
        state, nonce, verifier = (secrets.token_urlsafe(32) for _ in range(3))
        return Flow(state, nonce, verifier, purpose, following, session, secret)

    async def address(self, flow: Flow) -> str:
        """Where to send the browser. Raises ProviderSilent."""
        metadata = await self._discovered()
        extra = {"nonce": flow.nonce}
        if self.settings.acr:
            extra["acr_values"] = self.settings.acr
        if flow.purpose == "confirm":
            extra |= {"prompt": "login", "max_age": "0"}
        async with self._client() as client:
            url, _ = client.create_authorization_url(
                metadata["authorization_endpoint"], state=flow.state, code_verifier=flow.verifier, **extra
            )
        return str(url)

    async def identity(self, flow: Flow, given: dict[str, str], now: datetime) -> Identity:
        """The identity that the provider's answer proves. Raises ProviderRefused or ProviderSilent."""
        metadata = await self._discovered()
        if not hmac.compare_digest(given.get("state", "").encode(), flow.state.encode()):
            raise ProviderRefused("Cette réponse ne correspond pas à votre demande : recommencez.")
        if given.get("iss", metadata["issuer"]) != metadata["issuer"]:  # RFC 9207: whose answer it is
            raise ProviderRefused("Cette réponse vient d'un autre fournisseur d'identité.")
        if "error" in given or "code" not in given:
            raise ProviderRefused("Le fournisseur d'identité n'a pas confirmé votre identité.")
        token = await self._exchanged(metadata, given["code"], flow)
        claims = await self._claims(metadata, token, flow, now)
        claims = {**await self._userinfo(metadata, token, claims), **claims}
        siret, acr = claims.get("siret"), claims.get("acr")
        return Identity(
            metadata["issuer"], claims["sub"], str(siret) if siret else None, acr if isinstance(acr, str) else None
        )

    def _client(self) -> AsyncOAuth2Client:
        return AsyncOAuth2Client(
            self.settings.client_id, self.settings.client_secret, scope=self.settings.scope,
            redirect_uri=self._redirect_uri, code_challenge_method="S256", timeout=_TIMEOUT, transport=self._transport,
        )  # fmt: skip

    async def _get(self, url: str) -> Any:
        try:
            async with httpx2.AsyncClient(timeout=_TIMEOUT, transport=self._transport) as client:
                answer = await client.get(url)
                answer.raise_for_status()
                return answer.json()
        except (httpx2.HTTPError, httpx2.InvalidURL, ValueError) as error:
            raise ProviderSilent("Le fournisseur d'identité est injoignable : réessayez plus tard.") from error

    async def _discovered(self) -> Claims:
        if self._metadata is None:
            base = self.settings.issuer.rstrip("/")
            found = await self._get(f"{base}/.well-known/openid-configuration")
            needed = ("authorization_endpoint", "token_endpoint", "jwks_uri")
            if not isinstance(found, dict) or found.get("issuer") != self.settings.issuer or not all(
                isinstance(found.get(name), str) for name in needed
            ):  # fmt: skip
                raise ProviderSilent("La description du fournisseur d'identité n'est pas celle qui est attendue.")
            self._metadata = found
        return self._metadata

    async def _exchanged(self, metadata: Claims, code: str, flow: Flow) -> Claims:
        try:
            async with self._client() as client:
                token = await client.fetch_token(
                    metadata["token_endpoint"], grant_type="authorization_code", code=code, code_verifier=flow.verifier
                )
        except AuthlibBaseError as error:
            raise ProviderRefused("Le fournisseur d'identité a refusé cette réponse : recommencez.") from error
        except (httpx2.HTTPError, ValueError) as error:
            raise ProviderSilent("Le fournisseur d'identité est injoignable : réessayez plus tard.") from error
        if not isinstance(token.get("id_token"), str):
            raise ProviderRefused("Le fournisseur d'identité n'a pas dit qui vous êtes.")
        return dict(token)

    async def _claims(self, metadata: Claims, token: Claims, flow: Flow, now: datetime) -> Claims:
        """The claims of the ID token, once every one that matters was checked (Core, section 3.1.3.7)."""
        announced = metadata.get("id_token_signing_alg_values_supported") or ["RS256"]
        algorithms = [name for name in _ALGORITHMS if name in announced]
        client_id = self.settings.client_id
        registry = jwt.JWTClaimsRegistry(
            now=int(now.timestamp()), leeway=_LEEWAY,
            iss={"essential": True, "value": metadata["issuer"]},
            aud={"essential": True, "value": client_id},
            nonce={"essential": True, "value": flow.nonce},
            sub={"essential": True}, exp={"essential": True}, iat={"essential": True},
        )  # fmt: skip
        try:
            decoded = await self._decoded(metadata, token["id_token"], algorithms)
            claims: Claims = dict(decoded)
            registry.validate(claims)
        except (JoseError, ValueError, KeyError, TypeError) as error:
            raise ProviderRefused("L'identité reçue ne peut pas être vérifiée : recommencez.") from error
        audiences = claims["aud"] if isinstance(claims["aud"], list) else [claims["aud"]]
        if (len(audiences) > 1 or "azp" in claims) and claims.get("azp") != client_id:
            raise ProviderRefused("L'identité reçue était pour un autre service.")
        if not isinstance(claims["sub"], str) or not 0 < len(claims["sub"]) <= 255 or not claims["sub"].isprintable():
            raise ProviderRefused("L'identité reçue ne nomme personne.")
        if self.settings.acr and claims.get("acr") not in self.settings.acr.split():
            raise ProviderRefused("Le niveau de garantie de cette connexion ne suffit pas.")
        if flow.purpose == "confirm" and not self._just_now(claims, now):
            raise ProviderRefused("Le fournisseur d'identité ne vous a pas demandé de vous identifier à nouveau.")
        return claims

    @staticmethod
    def _just_now(claims: Claims, now: datetime) -> bool:
        at = claims.get("auth_time")
        return isinstance(at, int) and now.timestamp() - at <= LIFETIME

    async def _decoded(self, metadata: Claims, text: str, algorithms: list[str]) -> Claims:
        """The claims whose signature verifies; the keys are read again once, in case they were changed."""
        if self._keys is not None:
            try:
                return jwt.decode(text, self._keys, algorithms=algorithms).claims
            except (JoseError, ValueError):
                self._keys = None
        self._keys = KeySet.import_key_set(await self._get(metadata["jwks_uri"]))
        return jwt.decode(text, self._keys, algorithms=algorithms).claims

    async def _userinfo(self, metadata: Claims, token: Claims, claims: Claims) -> Claims:
        """Further claims about the same subject, when the provider has some (Core, section 5.3.2)."""
        endpoint = metadata.get("userinfo_endpoint")
        if not isinstance(endpoint, str) or not isinstance(token.get("access_token"), str):
            return {}
        try:
            async with httpx2.AsyncClient(timeout=_TIMEOUT, transport=self._transport) as client:
                answer = await client.get(endpoint, headers={"Authorization": f"Bearer {token['access_token']}"})
                answer.raise_for_status()
                found = await self._read_userinfo(metadata, answer)
        except (httpx2.HTTPError, JoseError, ValueError) as error:
            raise ProviderSilent("Le fournisseur d'identité est injoignable : réessayez plus tard.") from error
        if found.get("sub") != claims["sub"]:
            raise ProviderRefused("Le fournisseur d'identité parle de deux personnes.")
        return found

    async def _read_userinfo(self, metadata: Claims, answer: httpx2.Response) -> Claims:
        """JSON, or (ProConnect) a JWT signed with the provider's keys."""
        if not answer.headers.get("content-type", "").startswith("application/jwt"):
            found = answer.json()
            return found if isinstance(found, dict) else {}
        announced = metadata.get("userinfo_signing_alg_values_supported") or ["RS256"]
        return await self._decoded(metadata, answer.text, [name for name in _ALGORITHMS if name in announced])


def seal_flow(secrets_: MultiFernet, flow: Flow) -> str:
    """The flow as a cookie's value."""
    return secrets_.encrypt(json.dumps(asdict(flow)).encode()).decode()


def open_flow(secrets_: MultiFernet, sealed: str | None) -> Flow:
    """The flow of this browser's cookie. Raises ProviderRefused when there is none, or it is too old."""
    try:
        return Flow(**json.loads(secrets_.decrypt((sealed or "").encode(), ttl=LIFETIME)))
    except (InvalidToken, ValueError, TypeError) as error:
        raise ProviderRefused("Votre demande de connexion a expiré, ou a commencé ailleurs : recommencez.") from error
