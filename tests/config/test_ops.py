"""``ops.yaml`` is checked when a process starts, and messages name the line."""

from pathlib import Path

import pytest

from config.ops import Policy, Role, Threshold, load_policy, parse_policy
from config.settings import SettingsError

PEOPLE = """\
environment: prod
people:
  - name: Alice
    role: admin
    accounts: {discord: "1", telegram: "2"}
  - name: Bob
    role: viewer
    accounts: {discord: "3"}
"""


def test_the_shipped_file_is_right_and_gives_no_chat_account_a_role() -> None:
    policy = load_policy()

    assert (policy.people, policy.groups, policy.places) == ((), (), ())
    assert policy.thresholds["queue_length"] == Threshold(warn=100, alert=500, unit="count")


def test_people_are_known_by_their_accounts_and_names() -> None:
    policy = parse_policy(PEOPLE)

    alice = policy.person_with("telegram", "2")
    assert alice is not None
    assert alice == policy.person_with("discord", "1") == policy.person_named("alice")
    assert policy.person_with("telegram", "1") is None
    assert [one.name for one in policy.admins()] == ["Alice"]


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("environment: [", "ops.yaml, line 1: this is no YAML"),
        ("- 1", "ops.yaml, line 1: names with values are expected here."),
        ("environment: local\nrotas: 1\n", "ops.yaml, line 2: rotas: Extra inputs are not permitted."),
        (PEOPLE.replace("viewer", "boss"), "ops.yaml, line 7: people.1.role: Input should be 'viewer'"),
        (PEOPLE.replace('"3"', '"1"'), "discord account 1 is both Alice's and Bob's"),
        (PEOPLE.replace("Bob", "ALICE"), "two people are called alice"),
        ("thresholds:\n  cpu:\n    warn: much\n    alert: 1\n", "line 3: thresholds.cpu.warn"),
        ("environment: 'Prod; rm'\n", "line 1: environment"),
        ("security: {staging: staging.example}\n", "an address such as https://staging.example is expected"),
        ("security: {staging: 'file:///etc/passwd'}\n", "an address such as https://staging.example is expected"),
        ("security: {staging: 'https://a:b@staging.example'}\n", "an address such as https://staging.example"),
        ("security: {networks: [10.0.0.0/99]}\n", "'10.0.0.0/99' does not appear to be an IPv4 or IPv6 network"),
        ("security: {image: 'x; rm -rf /'}\n", "line 1: security.image"),
        ("security: {capture: {ports: [443], command: 'tcpdump -w x'}}\n", "security.capture.command"),
        (PEOPLE.replace('"3"', '"bob"'), "'bob' is no account of discord: its id is a number."),
        ("places:\n  - {platform: telegram, chat: '@ops'}\n", "line 2: places.0: '@ops' is no chat of telegram"),
    ],
)
def test_what_is_wrong_is_told_with_its_line(text: str, sentence: str) -> None:
    with pytest.raises(SettingsError) as error:
        parse_policy(text)
    assert sentence in str(error.value)
    assert "\n" not in str(error.value)


def test_what_may_be_scanned_is_an_address_without_its_last_slash_and_networks() -> None:
    entry = parse_policy("security: {staging: 'https://staging.example/', networks: [10.1.2.3/8, 'fd00::/8']}").security
    assert entry.staging == "https://staging.example"
    assert entry.networks == ("10.1.2.3/8", "fd00::/8")
    assert parse_policy("security: {staging: null}").security.staging is None


def test_a_file_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match=r"OPS_FILE .*none\.yaml cannot be read"):
        load_policy(tmp_path / "none.yaml")


def test_an_empty_file_gives_nobody_anything_in_chat() -> None:
    assert parse_policy("") == Policy()


def test_roles_include_those_before() -> None:
    assert [role.includes(Role.OPERATOR) for role in Role] == [False, False, True, True]


@pytest.mark.parametrize(("value", "state"), [(99, "normal"), (100, "elevated"), (500, "elevated"), (501, "alert")])
def test_a_figure_has_three_states(value: float, state: str) -> None:
    assert Threshold(warn=100, alert=500).state(value) == state


@pytest.mark.parametrize(("value", "state"), [(0.9, "normal"), (0.8, "elevated"), (0.6, "elevated"), (0.59, "alert")])
def test_where_low_is_bad_too(value: float, state: str) -> None:
    assert Threshold(warn=0.8, alert=0.6).state(value) == state
