"""Evidence is kept whole, encrypted and on the server; packets are recorded where ops.yaml allows it."""

import hashlib
import io
import json
import sys
import tarfile
from pathlib import Path

import pytest

from config.ops_oncall import Severity
from storage import incidents, outbox
from storage.access_log import AccessRecord, add_entries
from storage.errors import NotStored
from storage.incidents import NewIncident
from storage.signing import open_ring
from storage.vault import Vault, vault_of
from tests.chatops.acting import ALICE, OLGA, PEOPLE, Ops, parts_of
from tests.chatops.actions.test_auth import signed_in
from tests.making import NOW


def vault(ops: Ops) -> Vault:
    return vault_of(ops.parts.settings.data_dir, open_ring(ops.parts.settings))


def unpacked(body: bytes) -> dict[str, bytes]:
    with tarfile.open(fileobj=io.BytesIO(body)) as archive:
        return {one.name: archive.extractfile(one).read() for one in archive.getmembers()}  # type: ignore[union-attr]


class TestEvidence:
    async def test_a_bundle_holds_what_is_known_with_a_hash_of_each_file(self, ops: Ops) -> None:
        await add_entries([AccessRecord(NOW, "203.0.113.7", "GET", "/api/ocr", 401, 3)])
        await signed_in()
        logs = ops.parts.settings.data_dir / "logs"
        logs.mkdir()
        (logs / "bot.log").write_text("a line\n")
        answer = await ops.done(OLGA, "security evidence")

        body = vault(ops).content(answer.data["name"])
        assert hashlib.sha256(body).hexdigest() == answer.data["sha256"]
        files = unpacked(body)
        manifest = json.loads(files.pop("manifest.json"))
        assert {name: one["sha256"] for name, one in manifest["files"].items()} == {
            name: hashlib.sha256(content).hexdigest() for name, content in files.items()
        }
        assert (manifest["by"], manifest["environment"]) == ("Olga", "test")
        assert json.loads(files["requests.jsonl"])["status"] == 401
        assert json.loads(files["sessions.json"])[0]["account"] == "api:tool"
        assert b"security evidence" in files["audit.jsonl"]
        assert json.loads(files["audit-verify.json"])["problem"] == ""
        assert files["logs/bot.log"] == b"a line\n"
        assert {"machine.json", "settings.json", "processes.json"} <= set(files)

    async def test_what_is_kept_is_closed_to_others(self, ops: Ops) -> None:
        answer = await ops.done(OLGA, "security evidence")
        [file] = (ops.parts.settings.data_dir / "evidence").iterdir()
        assert file.stat().st_mode & 0o077 == 0
        assert b"manifest" not in file.read_bytes()
        listed = await ops.done(OLGA, "security bundles")
        assert [(one["name"], one["state"]) for one in listed.data] == [(answer.data["name"], "whole")]

        file.write_bytes(file.read_bytes()[:-5])
        assert (await ops.answer(OLGA, "security bundles")).data[0]["state"] == "changed"
        file.unlink()
        assert (await ops.answer(OLGA, "security bundles")).data[0]["state"] == "gone"

    async def test_an_incident_comes_with_its_timeline_and_an_admin_is_told_where_it_is(self, ops: Ops) -> None:
        opened = await incidents.open_incident(NewIncident("leak", Severity.P0), by="Alice", now=NOW)
        answer = await ops.done(ALICE, "security evidence", incident=opened.number)
        files = unpacked(vault(ops).content(answer.data["name"]))
        assert json.loads(files["incident.json"])["incident"]["title"] == "leak"

        told = [one for one in await outbox.due_messages(["discord"], now=NOW) if one.address.get("direct")]
        assert [one.chat for one in told] == ["1"]
        assert answer.data["sha256"] in told[0].payload["text"]

    async def test_an_incident_that_is_none_is_said_in_the_bundle(self, ops: Ops) -> None:
        answer = await ops.done(OLGA, "security evidence", incident=999)
        assert "Not to be had: incident.json." in answer.text

    async def test_after_it_plans_no_longer_ask_for_it(self, ops: Ops) -> None:
        before = await ops.planned(OLGA, "security block-ip", ip="203.0.113.7")
        await ops.done(OLGA, "security evidence")
        after = await ops.planned(OLGA, "security block-ip", ip="203.0.113.7")
        assert ("evidence" in before.summary, "evidence" in after.summary) == (True, False)


TCPDUMP = f"""#!{sys.executable}
import signal, sys
open(sys.argv[0] + ".said", "w").write(" ".join(sys.argv[1:]))
file = sys.argv[sys.argv.index("-w") + 1]
signal.signal(signal.SIGINT, lambda *_: sys.exit(0))
open(file, "wb").write(b"packets")
signal.pause()
"""


class TestCapture:
    async def test_it_is_off_by_default(self, ops: Ops) -> None:
        said = await ops.refused(ALICE, "security capture")
        assert said == "Capturing packets is off: security.capture in ops.yaml turns it on."

    async def test_two_persons_record_headers_of_an_allowed_port(self, ops: Ops, tmp_path: Path) -> None:
        program = tmp_path / "tcpdump"
        program.write_text(TCPDUMP)
        program.chmod(0o755)
        policy = f"{PEOPLE}\nsecurity: {{capture: {{interface: lo, ports: [8484], command: {program}}}}}\n"
        own = Ops(parts_of(ops.parts.settings, ops.parts.database, ops.parts.queue, policy=policy))
        assert "must be one of 8484" in await own.refused(ALICE, "security capture", port=22)
        answer = await own.done(ALICE, "security capture", seconds=1)

        assert vault(own).content(answer.data["name"]) == b"packets"
        assert answer.files == ()
        words = (tmp_path / "tcpdump.said").read_text()
        assert words.startswith("-i lo -s 96 -n -U -w ")
        assert words.endswith(" port 8484")

    async def test_an_operator_may_not(self, ops: Ops) -> None:
        assert "needs the role admin" in await ops.refused(OLGA, "security capture")


def test_a_name_that_leads_elsewhere_is_not_kept(tmp_path: Path, ops: Ops) -> None:
    for name in ("../secret", "/etc/passwd", "", "a/b"):
        with pytest.raises(NotStored):
            vault(ops).content(name)
