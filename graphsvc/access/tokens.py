"""Signed tokens: who a caller is. JSON Web Tokens, with the algorithms fixed here and never taken from the token."""

import hashlib
import secrets
import time
from typing import Any

import msgspec
from joserfc import jws, jwt
from joserfc.errors import ExpiredTokenError, JoseError
from joserfc.jwk import ECKey, KeySet

from graphsvc.access.keys import ALGORITHM, Keys, keys_at, local_keys, signing_key
from graphsvc.errors import TokenError
from graphsvc.model.vocabulary import Level, Purpose
from graphsvc.settings import Settings

ALGORITHMS = ["ES256", "ES384", "PS256", "RS256", "Ed25519", "EdDSA"]
"""Signatures by public key only; none of them can be forged with what a key set shows."""
SIZE_LIMIT = 8_192
REMEMBERED = 1_000
BAD = "The token is not valid here; ask your issuer for a new one."


class Claims(msgspec.Struct, frozen=True, forbid_unknown_fields=False):
    """What a checked token says of its caller. ``level`` is the name of a level, ``exp`` seconds since 1970."""

    sub: str
    ncb: str
    exp: float
    level: str = Level.OFFICIAL.name
    purposes: tuple[Purpose, ...] = ()
    roles: tuple[str, ...] = ()
    units: tuple[str, ...] = ()
    jti: str = ""


def sign(claims: Claims, key: ECKey, *, issuer: str, audience: str, now: float | None = None) -> str:
    """A token for these claims, signed with a local key."""
    issued = int(time.time() if now is None else now)
    payload: dict[str, Any] = msgspec.to_builtins(claims)
    payload |= {"iss": issuer, "aud": audience, "iat": issued, "exp": int(claims.exp)}
    payload["jti"] = claims.jti or secrets.token_hex(8)
    header = {"alg": ALGORITHM, "kid": key.kid, "typ": "JWT"}
    return jwt.encode(header, payload, key, algorithms=[ALGORITHM])


def issue(settings: Settings, claims: Claims) -> str:
    """A token signed with the key of this data folder, as ``graphsvc token`` and the demo make it."""
    key = signing_key(settings.home / "keys")
    return sign(claims, key, issuer=settings.token_issuer, audience=settings.token_audience)


class _Signed(msgspec.Struct, frozen=True, eq=False):
    """What a token says that one set of keys has signed."""

    kid: str | None
    keys: KeySet
    claims: dict[str, Any]


class Verifier:
    """Checks tokens against one key set, issuer and audience.

    A signature is checked once for each set of keys, and remembered by a digest of the token; what it says is checked
    each time, so that it expires when it should.
    """

    def __init__(self, keys: Keys, *, issuer: str, audience: str, leeway: int) -> None:
        self._keys = keys
        self._known: dict[bytes, _Signed] = {}
        self._registry = jwt.JWTClaimsRegistry(
            leeway=leeway,
            iss={"essential": True, "value": issuer},
            aud={"essential": True, "value": audience},
            exp={"essential": True},
            iat={"essential": True},
            sub={"essential": True},
        )

    def verify(self, token: str) -> Claims:
        """The claims of a valid token; TokenError, which says nothing of why, for any other."""
        if len(token) > SIZE_LIMIT:
            raise TokenError(BAD)
        try:
            said = self._signed(token)
            self._registry.validate(said)
            claims = msgspec.convert(said, Claims)
        except ExpiredTokenError:
            raise TokenError("The token has expired; ask your issuer for a new one.") from None
        except (JoseError, msgspec.ValidationError, ValueError, TypeError, KeyError):
            raise TokenError(BAD) from None
        if claims.level not in Level.__members__ or not claims.ncb or not claims.sub:
            raise TokenError(BAD)
        return claims

    def _signed(self, token: str) -> dict[str, Any]:
        """What a token says, when its signature is that of a key which is good now."""
        name = hashlib.sha256(token.encode()).digest()
        known = self._known.get(name)
        kid = _kid(token) if known is None else known.kid
        keys = self._keys.current(kid)
        if known is None or known.keys is not keys:
            known = _Signed(kid, keys, jwt.decode(token, keys, algorithms=ALGORITHMS).claims)
            if len(self._known) >= REMEMBERED:
                self._known.clear()
            self._known[name] = known
        return known.claims


def _kid(token: str) -> str | None:
    kid = jws.extract_compact(token.encode()).headers().get("kid")
    return kid if isinstance(kid, str) else None


def verifier(settings: Settings) -> Verifier:
    """The verifier that the settings ask for: the local key set, or that of ``GRAPHSVC_TOKEN_KEYS``."""
    location = settings.token_keys
    keys = local_keys(settings.home / "keys") if location is None else keys_at(location)
    return Verifier(
        keys,
        issuer=settings.token_issuer,
        audience=settings.token_audience,
        leeway=settings.token_leeway_seconds,
    )
