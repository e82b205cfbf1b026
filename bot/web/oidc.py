"""Signing in by OpenID Connect Core 1.0: the authorisation code flow, with PKCE (RFC 7636) and a nonce."""

import json
import secrets
from dataclasses import dataclass
from typing import Any

from aiohttp import ClientError, ClientSession, ClientTimeout, web
from yarl import URL

from bot.http.problems import Problem
from bot.http.untrusted import is_same
from chatops.own_http import public_address_of
from config.settings import Settings

_COOKIE = "s2d_oidc"
_LIFE_S = 600
_TIMEOUT = ClientTimeout(total=10)
_LARGEST = 500_000


@dataclass(frozen=True, slots=True)
class Provider:
    """Whoever the settings trust to say who somebody is."""

    settings: Settings

    async def ask(self, request: web.Request) -> web.Response:
        """Send the browser there; what comes back must know what is kept in its cookie."""
        from authlib.oauth2.rfc7636 import create_s256_code_challenge

        about = await self._discover()
        state, nonce, verifier = (secrets.token_urlsafe(32) for _ in range(3))
        query = {
            "response_type": "code",
            "scope": "openid email profile",
            "client_id": self.settings.oidc_client_id or "",
            "redirect_uri": self._back(),
            "state": state,
            "nonce": nonce,
            "code_challenge": create_s256_code_challenge(verifier),
            "code_challenge_method": "S256",
        }
        response = web.Response(status=302, headers={"Location": str(URL(about["authorization_endpoint"]) % query)})
        response.set_cookie(
            _COOKIE,
            ".".join((state, nonce, verifier)),
            max_age=_LIFE_S,
            httponly=True,
            samesite="Lax",
            secure=self._back().startswith("https"),
            path="/web/oidc",
        )
        return response

    async def user(self, request: web.Request) -> str:
        """The account that the provider vouches for; raises Problem 401, 502."""
        kept = request.cookies.get(_COOKIE, "").split(".")
        if len(kept) != 3 or not is_same(kept[0], request.query.get("state", "")):
            raise Problem(401, "oidc_state", "This sign-in was not begun here, or too long ago: begin again.")
        if "code" not in request.query:
            raise Problem(401, "oidc_refused", "The provider did not sign you in.")
        about = await self._discover()
        form = {
            "grant_type": "authorization_code",
            "code": request.query["code"],
            "redirect_uri": self._back(),
            "client_id": self.settings.oidc_client_id or "",
            "code_verifier": kept[2],
        }
        if self.settings.oidc_client_secret is not None:
            form["client_secret"] = self.settings.oidc_client_secret.get_secret_value()
        answer = await _json("POST", about["token_endpoint"], form)
        keys = await _json("GET", about["jwks_uri"])
        claims = self._claims(str(answer.get("id_token", "")), keys, about["issuer"], kept[1])
        user = claims.get(self.settings.oidc_claim)
        if not isinstance(user, str) or not user or (self.settings.oidc_claim == "email" and not _is_verified(claims)):
            raise Problem(401, "oidc_claim", f"The provider does not vouch for your {self.settings.oidc_claim}.")
        return user[:96]

    def _claims(self, token: str, keys: dict[str, Any], issuer: str, nonce: str) -> dict[str, Any]:
        from authlib.oidc.core import CodeIDToken
        from joserfc import jwt
        from joserfc.errors import JoseError
        from joserfc.jwk import KeySet

        try:
            decoded = jwt.decode(token, KeySet.import_key_set(keys), algorithms=["RS256", "ES256", "PS256", "EdDSA"])  # type: ignore[arg-type]
            options = {
                "iss": {"essential": True, "value": issuer},
                "aud": {"essential": True, "value": self.settings.oidc_client_id},
                "nonce": {"essential": True, "value": nonce},
            }
            claims = CodeIDToken(decoded.claims, decoded.header, options, {"nonce": nonce})
            claims.validate(leeway=60)
        except (JoseError, ValueError, KeyError, TypeError) as error:
            raise Problem(401, "oidc_token", "What the provider said is not valid.") from error
        return dict(decoded.claims)

    async def _discover(self) -> dict[str, Any]:
        issuer = (self.settings.oidc_issuer or "").rstrip("/")
        about = await _json("GET", f"{issuer}/.well-known/openid-configuration")
        if str(about.get("issuer", "")).rstrip("/") != issuer:
            raise Problem(502, "oidc_issuer", "The OpenID provider names another issuer than OIDC_ISSUER.")
        return about

    def _back(self) -> str:
        return f"{public_address_of(self.settings)}/web/oidc/back"


def _is_verified(claims: dict[str, Any]) -> bool:
    return claims.get("email_verified") in (True, "true")


async def _json(method: str, url: str, form: dict[str, str] | None = None) -> dict[str, Any]:
    try:
        async with (
            ClientSession(timeout=_TIMEOUT) as session,
            session.request(method, url, data=form, allow_redirects=False) as response,
        ):
            body = await response.content.read(_LARGEST)
            if response.status >= 400:
                raise Problem(401 if method == "POST" else 502, "oidc_refused", "The provider did not sign you in.")
            found = json.loads(body)
    except (ClientError, TimeoutError, ValueError) as error:
        raise Problem(502, "oidc_away", "The OpenID provider does not answer: try again in a moment.") from error
    if not isinstance(found, dict):
        raise Problem(502, "oidc_away", "The OpenID provider does not answer as it should.")
    return found
