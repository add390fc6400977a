"""Who gets past the door with a token, and who doesn't."""

import json
import threading
import time
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

import pytest
from joserfc import jwt
from joserfc.jwk import ECKey, KeySet, OctKey, RSAKey

from graphsvc.access.keys import Keys, read_key_set, signing_key
from graphsvc.access.tokens import Claims, Verifier, issue, sign, verifier
from graphsvc.errors import SetupError, StoreUnavailable, TokenError
from graphsvc.model.vocabulary import Purpose
from graphsvc.settings import Settings


def mara(**other: object) -> Claims:
    given: dict[str, object] = {
        "sub": "mara",
        "ncb": "FR",
        "exp": time.time() + 600,
        "purposes": (Purpose.INVESTIGATE,),
    }
    return Claims(**(given | other))  # type: ignore[arg-type]


@pytest.fixture
def local(tmp_path: Path) -> Settings:
    return Settings(data_dir=tmp_path)


def test_a_local_token_is_read_back(local: Settings) -> None:
    claims = verifier(local).verify(
        issue(local, mara(level="CONFIDENTIAL", roles=("compliance",), units=("U1",)))
    )

    assert (claims.ncb, claims.level, claims.roles, claims.units) == (
        "FR",
        "CONFIDENTIAL",
        ("compliance",),
        ("U1",),
    )
    assert claims.purposes == (Purpose.INVESTIGATE,)
    assert claims.jti


def test_the_private_key_is_its_owners_alone(local: Settings) -> None:
    issue(local, mara())

    assert (local.home / "keys" / "signing.json").stat().st_mode & 0o077 == 0


def test_the_key_stays_the_same(local: Settings) -> None:
    assert signing_key(local.home / "keys").kid == signing_key(local.home / "keys").kid


@pytest.mark.parametrize(
    "claims",
    [
        mara(exp=time.time() - 60),
        mara(level="HIGHEST"),
        mara(ncb=""),
        mara(sub=""),
        mara(purposes=("GOSSIP",)),
    ],
    ids=["expired", "unknown level", "no bureau", "nobody", "unknown purpose"],
)
def test_claims_that_cannot_be_are_refused(local: Settings, claims: Claims) -> None:
    with pytest.raises(TokenError):
        verifier(local).verify(issue(local, claims))


@pytest.mark.parametrize("name", ["token_issuer", "token_audience"])
def test_a_token_for_someone_else_is_refused(local: Settings, name: str) -> None:
    other = local.model_copy(update={name: "elsewhere"})

    with pytest.raises(TokenError):
        verifier(local).verify(issue(other, mara()))


def test_a_token_signed_with_another_key_is_refused(local: Settings) -> None:
    forged = sign(
        mara(),
        ECKey.generate_key("P-256", parameters={"kid": signing_key(local.home / "keys").kid or ""}),
        issuer="graphsvc",
        audience="graphsvc",
    )

    with pytest.raises(TokenError):
        verifier(local).verify(forged)


def test_a_changed_token_is_refused(local: Settings) -> None:
    head, body, signature = issue(local, mara()).split(".")
    other = issue(local, mara(ncb="DE")).split(".")[1]

    with pytest.raises(TokenError):
        verifier(local).verify(".".join((head, other, signature)))
    assert body != other


@pytest.mark.filterwarnings("ignore:Setting a key with a low security")
def test_a_public_key_is_no_shared_secret(local: Settings) -> None:
    public = json.dumps(signing_key(local.home / "keys").as_dict(private=False))
    payload = {
        "sub": "x",
        "ncb": "FR",
        "iss": "graphsvc",
        "aud": "graphsvc",
        "iat": 1,
        "exp": time.time() + 60,
    }
    forged = jwt.encode({"alg": "HS256"}, payload, OctKey.import_key(public))

    with pytest.raises(TokenError):
        verifier(local).verify(forged)


@pytest.mark.parametrize("text", ["", "a", "a.b", "a.b.c", "…", "x" * 100_000, "eyJhbGciOiJub25lIn0.e30."])
def test_what_is_no_token_is_refused(local: Settings, text: str) -> None:
    with pytest.raises(TokenError):
        verifier(local).verify(text)


def test_a_key_set_from_a_file_is_enough(local: Settings, tmp_path: Path) -> None:
    key = ECKey.generate_key("P-256", auto_kid=True)
    path = tmp_path / "provider.json"
    path.write_text(json.dumps(KeySet([key]).as_dict(private=False)))
    elsewhere = local.model_copy(update={"token_keys": str(path)})

    assert verifier(elsewhere).verify(sign(mara(), key, issuer="graphsvc", audience="graphsvc")).sub == "mara"


def test_a_key_set_from_an_address_is_enough(local: Settings) -> None:
    """As an OpenID Connect provider publishes it: several keys, RSA among them, `aud` as a list."""
    keys = KeySet([RSAKey.generate_key(2048, auto_kid=True), ECKey.generate_key("P-256", auto_kid=True)])

    class Provider(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(200)
            self.end_headers()
            self.wfile.write(json.dumps(keys.as_dict(private=False)).encode())

        def log_message(self, *_: object) -> None:
            pass

    payload: dict[str, object] = {
        "sub": "mara",
        "ncb": "FR",
        "iss": "graphsvc",
        "aud": ["graphsvc", "mail"],
        "scope": "openid",
    }
    payload |= {"iat": time.time(), "exp": time.time() + 60, "purposes": ["TRENDS"]}
    header = {"alg": "RS256", "kid": keys.keys[0].kid}
    with HTTPServer(("127.0.0.1", 0), Provider) as server:
        thread = threading.Thread(target=server.handle_request)
        thread.start()
        elsewhere = local.model_copy(update={"token_keys": f"http://127.0.0.1:{server.server_port}/keys"})
        claims = verifier(elsewhere).verify(jwt.encode(header, payload, keys.keys[0], algorithms=["RS256"]))
        thread.join()

    assert (claims.sub, claims.purposes) == ("mara", (Purpose.TRENDS,))


def test_keys_are_read_again_for_a_key_that_is_new() -> None:
    old, new = (ECKey.generate_key("P-256", auto_kid=True) for _ in range(2))
    published, now = [KeySet([old])], [0.0]
    keys = Keys(lambda: published[0], clock=lambda: now[0])
    check = Verifier(keys, issuer="graphsvc", audience="graphsvc", leeway=0)
    check.verify(sign(mara(), old, issuer="graphsvc", audience="graphsvc"))
    published[0], now[0] = KeySet([new]), 31.0

    assert check.verify(sign(mara(), new, issuer="graphsvc", audience="graphsvc")).sub == "mara"


def test_a_token_that_was_good_ends_with_its_key() -> None:
    old, new = (ECKey.generate_key("P-256", auto_kid=True) for _ in range(2))
    published, now = [KeySet([old])], [0.0]
    keys = Keys(lambda: published[0], clock=lambda: now[0])
    check = Verifier(keys, issuer="graphsvc", audience="graphsvc", leeway=0)
    token = sign(mara(), old, issuer="graphsvc", audience="graphsvc")
    check.verify(token)
    published[0], now[0] = KeySet([new]), 10_000.0

    with pytest.raises(TokenError):
        check.verify(token)


def test_a_token_that_was_good_expires(monkeypatch: pytest.MonkeyPatch, local: Settings) -> None:
    check, token = verifier(local), issue(local, mara())
    check.verify(token)
    later = time.time() + 660
    monkeypatch.setattr(time, "time", lambda: later)

    with pytest.raises(TokenError, match="expired"):
        check.verify(token)


def test_the_last_good_keys_outlive_their_source() -> None:
    key, now, broken = ECKey.generate_key("P-256", auto_kid=True), [0.0], [False]

    def read() -> KeySet:
        if broken[0]:
            raise StoreUnavailable("gone")
        return KeySet([key])

    keys = Keys(read, clock=lambda: now[0])
    keys.current(key.kid)
    broken[0], now[0] = True, 10_000.0

    assert keys.current(key.kid).keys[0].kid == key.kid


def test_a_key_set_that_is_none_says_so(tmp_path: Path) -> None:
    path = tmp_path / "keys.json"
    path.write_text("[]")

    with pytest.raises(SetupError, match="not a JSON Web Key Set"):
        read_key_set(str(path))
    with pytest.raises(StoreUnavailable, match="cannot be read"):
        read_key_set(str(tmp_path / "absent.json"))
    with pytest.raises(SetupError, match="https"):
        read_key_set("http://keys.example.org/set")
