"""The API for programs, over real HTTP: login, pictures in, states and decks out, problems as problems."""

import io
from collections.abc import Awaitable, Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import aiohttp
import jwt
import pytest

from bot.http.tokens import LIFE, ROLES, Caller, Tokens
from bot.intake import MAX_BYTES
from bot.services import Services
from ocr_worker.jobs import JobLimits, PictureJobs
from storage import access, conversions, maintenance
from storage.maintenance import MaintenanceRecord, Mode
from tests.bot.http.conftest import Token
from tests.fakes.reader import FakeReader
from tests.making import DECK, WORKER, somebody
from tests.storage.test_queue import ANNA

Client = aiohttp.ClientSession
Key = Callable[[str], Awaitable[str]]


async def problem(response: aiohttp.ClientResponse) -> tuple[int, str]:
    """Status and code of an answer that must be a problem."""
    assert response.content_type == "application/problem+json"
    body = await response.json(content_type=None)
    assert body["status"] == response.status
    assert body["detail"].endswith(".")
    assert set(body) == {"type", "title", "status", "code", "detail"}
    return response.status, body["code"]


async def sent(client: Client, headers: dict[str, str], data: Any = b"picture") -> dict[str, Any]:
    async with client.post("/api/ocr", data=data, headers=headers) as response:
        assert response.status == 202
        body: dict[str, Any] = await response.json()
        assert response.headers["Location"] == body["status_url"]
        return body


async def read(services: Services, conversion: str) -> None:
    limits = JobLimits(attempts=1)
    jobs = PictureJobs(WORKER, services.queue, services.blobs, FakeReader(), "stub-1", limits, services.clock)
    await jobs.run(UUID(conversion))
    await services.queue.remove([UUID(conversion)])


async def status(client: Client, body: dict[str, Any], headers: dict[str, str]) -> dict[str, Any]:
    async with client.get(body["status_url"], headers=headers) as response:
        assert response.status == 200
        found: dict[str, Any] = await response.json()
        return found


class TestLogin:
    async def test_a_key_gives_a_token_for_a_quarter_of_an_hour(self, client: Client, key: Key) -> None:
        made = await key("operator")
        async with client.post("/api/auth/login", json={"api_key": made}) as response:
            assert response.status == 200
            assert response.headers["Cache-Control"] == "no-store"
            body = await response.json()

        assert (body["token_type"], body["expires_in"], body["role"]) == ("Bearer", 900, "operator")
        assert body["scope"] == "role:player role:viewer role:responder role:operator"
        await sent(client, {"Authorization": f"Bearer {body['access_token']}"})

    @pytest.mark.parametrize("header", ["Authorization", "X-API-Key"])
    async def test_a_key_may_come_in_a_header(self, client: Client, key: Key, header: str) -> None:
        made = await key("player")
        value = f"Bearer {made}" if header == "Authorization" else made
        async with client.post("/api/auth/login", headers={header: value}) as response:
            assert response.status == 200

    async def test_a_wrong_or_revoked_key_is_not_valid(self, client: Client, key: Key, services: Services) -> None:
        made = await key("player")
        await access.revoke_key(made, now=services.clock())
        for wrong in (made, "s2d_guessed", ""):
            async with client.post("/api/auth/login", json={"api_key": wrong}) as response:
                assert await problem(response) == (401, "unauthorized")
                assert response.headers["WWW-Authenticate"] == "Bearer"

    @pytest.mark.parametrize("body", [b"", b"words", b"[]", b'{"api_key": 5}', b'{"key": "x"}', b"\xff\xfe"])
    async def test_what_holds_no_key_is_a_bad_request(self, client: Client, body: bytes) -> None:
        async with client.post("/api/auth/login", data=body) as response:
            assert await problem(response) == (400, "bad_request")


class TestTokens:
    async def test_without_a_token_nothing_is_accepted(self, client: Client) -> None:
        for headers in ({}, {"Authorization": "Basic abc"}, {"Authorization": "Bearer"}, {"Authorization": "Bearer x"}):
            async with client.post("/api/ocr", data=b"x", headers=headers) as response:
                assert await problem(response) == (401, "unauthorized")

    async def test_a_token_ends(self, client: Client, services: Services, tokens: Tokens) -> None:
        past = replace(tokens, clock=lambda: services.clock() - LIFE - timedelta(seconds=1))
        headers = {"Authorization": f"Bearer {past.issue(Caller(await somebody(), 'admin'))}"}
        async with client.post("/api/ocr", data=b"x", headers=headers) as response:
            assert await problem(response) == (401, "unauthorized")

    async def test_a_forged_token_is_not_valid(self, client: Client, tokens: Tokens) -> None:
        claims = {"iss": "screen2deck", "sub": str(await somebody()), "role": "admin", "jti": "1"}
        claims["exp"] = (datetime.now(UTC) + LIFE).timestamp()  # type: ignore[assignment]
        key = tokens.keyring.keys[0]
        good = {"kid": key.kid}
        forged = [
            jwt.encode(claims, "another secret of thirty-two characters", algorithm="HS256", headers=good),
            jwt.encode(claims, "", algorithm="none", headers=good),
            jwt.encode(claims, key.secret, algorithm="HS256"),
            jwt.encode(claims, key.secret, algorithm="HS256", headers={"kid": "f" * 16}),
            *(
                jwt.encode({**claims, name: value}, key.secret, algorithm="HS256", headers=good)
                for name, value in (("iss", "other"), ("role", "king"), ("sub", "nobody"), ("exp", "soon"))
            ),
            *(
                jwt.encode({**claims, name: None}, key.secret, algorithm="HS256", headers=good)
                for name in ("exp", "jti")
            ),
        ]
        for one in forged:
            async with client.post("/api/ocr", data=b"x", headers={"Authorization": f"Bearer {one}"}) as response:
                assert await problem(response) == (401, "unauthorized")

    async def test_a_role_that_is_too_low_is_told_which_is_needed(self, client: Client, token: Token) -> None:
        for path, role, method in (("/api/ocr/test", "responder", "POST"), ("/health/detailed", "player", "GET")):
            async with client.request(method, path, headers=await token(role)) as response:
                assert await problem(response) == (403, "forbidden")

    def test_each_role_may_do_what_those_before_it_may(self) -> None:
        for number, role in enumerate(ROLES):
            caller = Caller(uuid4(), role)
            assert [caller.may_act_as(one) for one in ROLES] == [one <= number for one in range(len(ROLES))]


class TestPictures:
    async def test_a_picture_becomes_a_deck(self, client: Client, token: Token, services: Services) -> None:
        headers = await token()
        body = await sent(client, headers)
        assert (body["state"], body["place"], body["from_cache"]) == ("queued", 0, False)
        await read(services, body["id"])

        found = await status(client, body, headers)
        assert found["state"] == "done"
        assert found["deck"] == {**DECK, "image": None}
        assert "timings" not in found

    async def test_a_form_with_a_file_works_too(self, client: Client, token: Token) -> None:
        form = aiohttp.FormData(quote_fields=False)
        form.add_field("note", "words")
        form.add_field("file", b"picture", filename="my deck.png", content_type="image/png")
        body = await sent(client, await token(), form)

        assert body["image"] == "my deck.png"

    async def test_the_name_of_a_plain_body_comes_with_the_address(self, client: Client, token: Token) -> None:
        async with client.post("/api/ocr?name=deck.png", data=b"picture", headers=await token()) as response:
            assert (await response.json())["image"] == "deck.png"

    async def test_a_refusal_has_a_code_and_a_sentence(self, client: Client, token: Token, services: Services) -> None:
        headers = await token()
        body = await sent(client, headers, b"no deck")
        await read(services, body["id"])

        found = await status(client, body, headers)
        assert found["state"] == "refused"
        assert found["error"] == {"code": "no_deck", "detail": "No decklist found in this picture."}

    async def test_the_same_picture_again_is_answered_at_once(
        self, client: Client, token: Token, services: Services
    ) -> None:
        await services.queue.say_alive(ANNA)
        first = await sent(client, await token(user="one"))
        await read(services, first["id"])
        async with client.post("/api/ocr", data=b"picture", headers=await token(user="two")) as response:
            body = await response.json()

        assert (response.status, body["state"], body["from_cache"]) == (200, "done", True)
        assert body["deck"]["main"] == DECK["main"]

    async def test_bad_bodies_are_told_apart(self, client: Client, token: Token) -> None:
        headers = await token()
        text = aiohttp.FormData({"note": "words"}, default_to_multipart=True)
        broken = {**headers, "Content-Type": "multipart/form-data"}
        for data, how, expected in (
            (b"", headers, (400, "empty")),
            (io.BytesIO(bytes(MAX_BYTES + 1)), headers, (413, "too_large")),
            (text, headers, (400, "bad_request")),
            (b"no form", broken, (400, "bad_request")),
            (b"no form", {**headers, "Content-Type": "multipart/form-data; boundary=x"}, (400, "bad_request")),
            (
                b'--x\r\nContent-Disposition: form-data; name="\x04\x1d"\r\n\r\nwords\r\n--x--\r\n',
                {**headers, "Content-Type": "multipart/form-data; boundary=x"},
                (400, "bad_request"),
            ),
        ):
            async with client.post("/api/ocr", data=data, headers=how) as response:
                assert await problem(response) == expected

    async def test_a_file_that_is_too_large_in_a_form_is_refused(self, client: Client, token: Token) -> None:
        form = aiohttp.FormData()
        form.add_field("file", io.BytesIO(bytes(MAX_BYTES + 100)), filename="deck.png")
        async with client.post("/api/ocr", data=form, headers=await token()) as response:
            assert await problem(response) == (413, "too_large")

    async def test_hard_maintenance_hands_out_no_lists(self, client: Client, token: Token, services: Services) -> None:
        await services.queue.say_alive(ANNA)
        headers = await token(user="one")
        body = await sent(client, headers)
        waiting = await sent(client, headers, b"another picture")
        await read(services, body["id"])
        now = services.clock()
        record = MaintenanceRecord("1", Mode.HARD, "a new disk", now, now + timedelta(minutes=10), "Olga")
        await maintenance.keep(record, by="Olga", now=now)

        assert (await status(client, waiting, headers))["state"] == "queued"
        async with client.get(body["status_url"], headers=headers) as response:
            assert await problem(response) == (503, "maintenance")
            assert 590 < int(response.headers["Retry-After"]) <= 600
        async with client.post("/api/ocr", data=b"picture", headers=await token(user="two")) as response:
            again = await response.json()
            assert (response.status, again["state"], again["held_until"]) == (202, "done", record.until.isoformat())
            assert "deck" not in again
        await maintenance.end()
        assert (await status(client, body, headers))["deck"]["main"] == DECK["main"]

    async def test_what_is_held_says_until_when(self, client: Client, token: Token, services: Services) -> None:
        now = services.clock()
        record = MaintenanceRecord("1", Mode.SOFT, "a new disk", now, now + timedelta(minutes=10), "Olga")
        await maintenance.keep(record, by="Olga", now=now)
        body = await sent(client, await token())
        assert (body["state"], body["held_until"]) == ("held", record.until.isoformat())

    async def test_limits_say_when_to_come_back(self, client: Client, token: Token) -> None:
        headers = await token()
        for number in range(5):
            await sent(client, headers, b"%d" % number)
        async with client.post("/api/ocr", data=b"another", headers=headers) as response:
            assert await problem(response) == (429, "at_once")

    async def test_somebody_elses_conversion_does_not_exist(self, client: Client, token: Token) -> None:
        body = await sent(client, await token(user="one"))
        for path in (body["status_url"], f"/api/ocr/status/{uuid4()}", "/api/ocr/status/words"):
            async with client.get(path, headers=await token(user="two")) as response:
                assert await problem(response) == (404, "not_found")

        assert (await status(client, body, await token("operator", "three")))["id"] == body["id"]

    async def test_operators_alone_see_how_it_came_about(
        self, client: Client, token: Token, services: Services
    ) -> None:
        body = await sent(client, await token())
        await read(services, body["id"])
        debug = {"X-Debug": "true"}

        plain = await status(client, body, {**await token(), **debug})
        full = await status(client, body, {**await token("operator"), **debug})
        assert set(full) - set(plain) == {"timings", "attempts", "worker", "history"}
        assert [one["state"] for one in full["history"]] == ["queued", "running", "done"]
        assert full["timings"]["reading"] == 0.5
        assert "timings" not in await status(client, body, await token("operator"))

    async def test_a_person_who_was_forgotten_cannot_go_on(
        self, client: Client, tokens: Tokens, services: Services
    ) -> None:
        headers = {"Authorization": f"Bearer {tokens.issue(Caller(uuid4(), 'player'))}"}
        async with client.post("/api/ocr", data=b"picture", headers=headers) as response:
            assert await problem(response) == (404, "not_found")
        assert await conversions.open_conversions() == []


class TestProblems:
    async def test_paths_and_methods_that_do_not_exist_are_problems(self, client: Client) -> None:
        async with client.get("/api/unknown") as response:
            assert await problem(response) == (404, "not_found")
        async with client.delete("/api/ocr") as response:
            assert await problem(response) == (405, "method_not_allowed")
            assert response.headers["Allow"] == "POST"

    async def test_a_fault_gets_an_id_that_the_log_knows(
        self, client: Client, token: Token, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
    ) -> None:
        async def broken(*_: object, **__: object) -> None:
            raise KeyError("secret detail")

        monkeypatch.setattr(conversions, "conversion", broken)
        async with client.get(f"/api/ocr/status/{uuid4()}", headers=await token()) as response:
            assert await problem(response) == (500, "fault")
            detail = (await response.json(content_type=None))["detail"]

        assert "secret" not in detail
        assert detail.split()[-1].rstrip(".") in caplog.text
