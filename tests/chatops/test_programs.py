"""Programs have the role of their token, in the API alone."""

import pytest

from chatops.authorisation import API, SIGNED, Authorisation
from chatops.model import Actor, Place
from config.ops import parse_policy
from config.settings import Settings
from storage import grants
from tests.chatops.acting import PEOPLE
from tests.making import NOW, seconds

HERE = Place(API, API, is_private=True)
MORE = """
  - {name: Deploys, role: admin, accounts: {api: deploy}}
"""


@pytest.fixture
def authorisation(settings: Settings, database: object) -> Authorisation:
    return Authorisation(parse_policy(PEOPLE.replace("\nplaces:", f"{MORE}\nplaces:")), settings)


@pytest.mark.parametrize("role", ["viewer", "responder", "operator", "admin"])
async def test_the_role_is_that_of_the_token(authorisation: Authorisation, role: str) -> None:
    who = await authorisation.identify(Actor(API, "tool", groups=frozenset({f"{SIGNED}{role}"})), now=NOW)
    assert (who.human, who.role, who.is_known) == ("api:tool", role, False)
    assert authorisation.is_ops_place(HERE, who)


async def test_players_tokens_and_unsigned_roles_are_none(authorisation: Authorisation) -> None:
    for groups in (frozenset({f"{SIGNED}player"}), frozenset({"operator"}), frozenset[str]()):
        assert (await authorisation.identify(Actor(API, "tool", groups=groups), now=NOW)).role is None


async def test_what_somebody_is_elsewhere_does_not_raise_a_token(authorisation: Authorisation) -> None:
    await grants.grant("api:tool", "admin", reason="", by="Bob", now=NOW, expires_at=seconds(60))
    for user in ("tool", "deploy"):
        actor = Actor(API, user, groups=frozenset({f"{SIGNED}viewer"}))
        assert (await authorisation.identify(actor, now=NOW)).role == "viewer"


async def test_a_human_is_the_same_with_a_program(authorisation: Authorisation) -> None:
    actor = Actor(API, "deploy", groups=frozenset({f"{SIGNED}operator"}))
    assert (await authorisation.identify(actor, now=NOW)).human == "Deploys"


async def test_no_chat_can_claim_a_tokens_role(authorisation: Authorisation) -> None:
    for platform in ("discord", "telegram", "web"):
        actor = Actor(platform, "99", groups=frozenset({f"{SIGNED}admin"}))
        assert (await authorisation.identify(actor, now=NOW)).role is None
