"""Whatever an action says, no secret leaves."""

import json
from dataclasses import asdict

import pytest

from chatops.model import Answer, File, Plan, Suggestion, Table
from chatops.redaction import Redactor
from config.redacting import BLOT

KNOWN = "correct-horse-battery"
SECRETS = {
    "known": KNOWN,
    "address": "postgres://deck:hunter2hunter2@db.internal/deck",
    "address of redis": "redis://:p4ssw0rd!@redis:6379/0",
    "web token": "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.c2lnbmF0dXJlLXNpZ25hdHVyZQ",
    "telegram": "123456789:AAFkYV9tS3qZ1x2y3z4w5v6u7t8s9r0q1p2o",
    "discord": "MTA1NjY5NDM0NTY3ODkwMTIzNA.GaBcDe.abcdefghijklmnopqrstuvwxyz0123456789AB",
    "webhook": "https://discord.com/api/webhooks/123456/abcdefghijklmnopqrstuvwxyz012345",
    "own key": "s2d_0123456789abcdefghijABCDEF",
    "setting": "JWT_SECRET=0123456789abcdef0123456789abcdef",
    "json setting": '"password": "tr0ub4dor&3"',
    "header": "Authorization: Bearer abc.def.ghi-jkl",
    "basic": "Basic dXNlcjpwYXNzd29yZA==",
    "mail": "somebody@example.org",
    "key": "-----BEGIN PRIVATE KEY-----\nMIIEvQIBADANBg\n-----END PRIVATE KEY-----",
}
PLANTED = {
    "known": KNOWN,
    "address": "hunter2hunter2",
    "address of redis": "p4ssw0rd",
    "web token": "eyJzdWIiOiIxIn0",
    "telegram": "AAFkYV9tS3qZ1x2y3z4w5v6u7t8s9r0q1p2o",
    "discord": "GaBcDe",
    "webhook": "abcdefghijklmnopqrstuvwxyz012345",
    "own key": "0123456789abcdefghijABCDEF",
    "setting": "0123456789abcdef0123456789abcdef",
    "json setting": "tr0ub4dor",
    "header": "abc.def.ghi-jkl",
    "basic": "dXNlcjpwYXNzd29yZA",
    "mail": "somebody@example.org",
    "key": "MIIEvQIBADANBg",
}
REDACTOR = Redactor.of([KNOWN])


def test_instances_of_systemd_units_are_no_mail_addresses() -> None:
    assert REDACTOR.text("ocr-worker@2.service is ready") == "ocr-worker@2.service is ready"
    assert REDACTOR.text("ocr-worker@mail.service") == "[e-mail]"


@pytest.mark.parametrize("kind", SECRETS)
def test_a_secret_of_any_kind_is_blotted_out_and_the_rest_stays(kind: str) -> None:
    said = REDACTOR.text(f"before {SECRETS[kind]} after")

    assert PLANTED[kind] not in said
    assert said.startswith("before ")
    assert said.endswith(" after")


@pytest.mark.parametrize("kind", SECRETS)
def test_no_part_of_an_answer_lets_one_through(kind: str) -> None:
    secret = SECRETS[kind]
    answer = Answer(
        text=secret,
        table=Table(("a",), ((secret,),)),
        log=(secret,),
        files=(File("log.txt", secret.encode()), File("data.json", secret.encode(), "application/json")),
        suggestions=(Suggestion(secret, "logs search", {"text": secret}),),
        data={"deep": [{"er": secret}], secret: 1},
    )

    left = json.dumps(asdict(REDACTOR.answer(answer)), default=lambda data: data.decode())

    assert PLANTED[kind] not in left


def test_a_plan_lets_none_through() -> None:
    plan = Plan(KNOWN, (KNOWN,), table=Table(("a",), ((KNOWN,),)), data={"x": KNOWN})

    assert KNOWN not in repr(REDACTOR.plan(plan))


@pytest.mark.parametrize(
    "text",
    [
        "3 jobs left: 4f2a9c1e, 5 min old",
        "http://localhost:9090/graph?x=1",
        "2026-11-24 18:00 UTC",
        "tokens per second: 12",
        "9c56cc51b374c3ba189210d5b6d4bf57790d351c96c47c02190ecf1e430635ab",
    ],
)
def test_what_is_no_secret_stays(text: str) -> None:
    assert REDACTOR.text(text) == text


def test_numbers_stay_numbers_and_pictures_stay_pictures() -> None:
    picture = File("plot.png", b"\x89PNG" + KNOWN.encode(), "image/png")
    answer = REDACTOR.answer(Answer("", files=(picture,), data={"depth": 3, "ok": True, "none": None, "share": 0.5}))

    assert answer.files == (picture,)
    assert answer.data == {"depth": 3, "ok": True, "none": None, "share": 0.5}


def test_the_longest_of_secrets_that_share_letters_goes_first() -> None:
    assert Redactor.of(["abcdef", "abcdefgh"]).text("abcdefgh") == BLOT


def test_the_contacts_of_ops_yaml_are_there_to_be_read() -> None:
    redactor = Redactor.of([], shown=["ops@example.com"])
    assert redactor.text("ask ops@example.com, not me@example.com") == "ask ops@example.com, not [e-mail]"
