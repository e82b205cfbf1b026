"""The HTTP side of the Discord of the tests: strict, and it notes everything that no bot should do."""

import json
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import Any

from aiohttp import web

from tests.fakes.discord_rules import EPHEMERAL, LOADING, command_problems, message_problems, modal_problems
from tests.fakes.discord_world import BOT, Channel, Interaction, Message, Player, snowflake

TOKEN = "a-token-of-tests"  # noqa: S105
API = "/api/v10"
FIRST_RESPONSE_S = 3.0
BOT_USER = Player("screen2deck", is_bot=True, id=BOT)
OWNER = Player("owner").payload()


class Refusal(Exception):
    """An error of Discord."""

    def __init__(self, status: int, code: int, message: str) -> None:
        super().__init__(message)
        self.status, self.code, self.message = status, code, message


def reply(data: Any, status: int = 200, headers: dict[str, str] | None = None) -> web.Response:
    """JSON, with exactly the content type that Discord gives."""
    return web.Response(
        body=json.dumps(data).encode(), status=status, headers={"Content-Type": "application/json", **(headers or {})}
    )


@dataclass(slots=True)
class World:
    """Everything that exists, and everything that went wrong."""

    base: str = ""
    channels: dict[int, Channel] = field(default_factory=dict)
    messages: dict[int, Message] = field(default_factory=dict)
    interactions: dict[str, Interaction] = field(default_factory=dict)
    players: dict[int, Player] = field(default_factory=dict)
    files: dict[int, bytes] = field(default_factory=dict)
    commands: list[dict[str, Any]] = field(default_factory=list)
    synced: int = 0
    server_commands: dict[int, list[dict[str, Any]]] = field(default_factory=dict)
    server_synced: int = 0
    slow_down: int = 0
    lose_answers: int = 0
    requests: list[str] = field(default_factory=list)
    request_times: list[float] = field(default_factory=list)
    problems: list[str] = field(default_factory=list)

    def direct(self, player: Player) -> Channel:
        """The direct messages with somebody."""
        found = next((one for one in self.channels.values() if one.guild is None and one.player is player), None)
        if found is None:
            found = Channel(f"@{player.name}", player=player)
            self.channels[found.id] = found
        return found

    def attach(self, name: str, data: bytes, media_type: str | None = None) -> dict[str, Any]:
        """A file on the CDN."""
        identity = snowflake()
        self.files[identity] = data
        url = f"{self.base}/attachments/1/{identity}/{name}?ex=1&hm=2"
        found: dict[str, Any] = {"id": str(identity), "filename": name, "size": len(data), "url": url, "proxy_url": url}
        return found | ({"content_type": media_type} if media_type else {})


@dataclass(slots=True)
class Rest:
    """Handlers, one for each route that the bot may use."""

    world: World
    gateway_url: str = ""

    def routes(self) -> list[web.RouteDef]:
        """All of them."""
        table: list[tuple[str, str, Callable[[web.Request], Awaitable[web.Response]]]] = [
            ("GET", "/users/@me", self.me),
            ("GET", "/oauth2/applications/@me", self.application),
            ("GET", "/gateway/bot", self.gateway),
            ("GET", "/applications/{application}/commands", self.get_commands),
            ("PUT", "/applications/{application}/commands", self.put_commands),
            ("GET", "/applications/{application}/guilds/{guild}/commands", self.get_server_commands),
            ("PUT", "/applications/{application}/guilds/{guild}/commands", self.put_server_commands),
            ("POST", "/users/@me/channels", self.open_direct),
            ("GET", "/channels/{channel}", self.channel),
            ("POST", "/channels/{channel}/messages", self.create),
            ("GET", "/channels/{channel}/messages/{message}", self.get),
            ("PATCH", "/channels/{channel}/messages/{message}", self.edit),
            ("DELETE", "/channels/{channel}/messages/{message}", self.delete),
            ("POST", "/channels/{channel}/messages/{message}/threads", self.open_thread),
            ("POST", "/channels/{channel}/typing", self.typing),
            ("POST", "/interactions/{id}/{token}/callback", self.respond),
            ("POST", "/webhooks/{application}/{token}", self.follow_up),
            ("PATCH", "/webhooks/{application}/{token}/messages/{message}", self.edit_original),
            ("DELETE", "/webhooks/{application}/{token}/messages/{message}", self.delete_original),
        ]
        found = [web.route(method, API + path, self._guarded(handler)) for method, path, handler in table]
        return [*found, web.route("*", "/{anything:.*}", self._unknown)]

    def _guarded(
        self, handler: Callable[[web.Request], Awaitable[web.Response]]
    ) -> Callable[[web.Request], Awaitable[web.Response]]:
        async def guarded(request: web.Request) -> web.Response:
            world = self.world
            world.requests.append(f"{request.method} {request.path.removeprefix(API)}")
            world.request_times.append(time.monotonic())
            is_own = "/webhooks/" in request.path or "/interactions/" in request.path
            try:
                if not is_own and request.headers.get("Authorization") != f"Bot {TOKEN}":
                    raise Refusal(401, 0, "401: Unauthorized")
                if world.slow_down and request.method in ("POST", "PATCH") and "/messages" in request.path:
                    world.slow_down -= 1
                    body = {"message": "You are being rate limited.", "retry_after": 0.3, "global": False}
                    return reply(body, 429, {"Via": "1.1 google"})
                answer = await handler(request)
            except Refusal as refusal:
                return reply({"code": refusal.code, "message": refusal.message}, refusal.status)
            if world.lose_answers and request.method == "POST" and request.path.endswith("/messages"):
                world.lose_answers -= 1
                if request.transport is not None:
                    request.transport.close()
            return answer

        return guarded

    async def _unknown(self, request: web.Request) -> web.Response:
        self.world.problems.append(f"unknown route {request.method} {request.path}")
        return reply({"code": 0, "message": "404: Not Found"}, 404)

    async def me(self, _: web.Request) -> web.Response:
        return reply(BOT_USER.payload())

    async def application(self, _: web.Request) -> web.Response:
        about = {"id": str(BOT), "name": "Screen2Deck", "icon": None, "description": "", "bot_public": True}
        return reply(
            {**about, "bot_require_code_grant": False, "verify_key": "", "flags": 0, "team": None, "owner": OWNER}
        )

    async def gateway(self, _: web.Request) -> web.Response:
        limits = {"total": 1000, "remaining": 999, "reset_after": 0, "max_concurrency": 1}
        return reply({"url": self.gateway_url, "shards": 1, "session_start_limit": limits})

    async def get_commands(self, request: web.Request) -> web.Response:
        if request.query.get("with_localizations") == "true":
            return reply(self.world.commands)
        hidden = ("name_localizations", "description_localizations")
        return reply([{key: one[key] for key in one if key not in hidden} for one in self.world.commands])

    async def put_commands(self, request: web.Request) -> web.Response:
        commands = await request.json()
        self._check(command_problems(commands))
        self.world.synced += 1
        common = {"application_id": str(BOT), "version": "1", "description": ""}
        self.world.commands = [{**common, "id": str(snowflake()), **one} for one in commands]
        return reply(self.world.commands)

    async def get_server_commands(self, request: web.Request) -> web.Response:
        return reply(self.world.server_commands.get(int(request.match_info["guild"]), []))

    async def put_server_commands(self, request: web.Request) -> web.Response:
        commands = await request.json()
        self._check(command_problems(commands))
        guild = request.match_info["guild"]
        self.world.server_synced += 1
        common = {"application_id": str(BOT), "guild_id": guild, "version": "1", "integration_types": [0]}
        self.world.server_commands[int(guild)] = [{**common, "id": str(snowflake()), **one} for one in commands]
        return reply(self.world.server_commands[int(guild)])

    async def channel(self, request: web.Request) -> web.Response:
        channel = self._channel(request)
        self._may(channel, "view_channel")
        return reply(channel.payload())

    async def open_direct(self, request: web.Request) -> web.Response:
        player = self.world.players[int((await request.json())["recipient_id"])]
        return reply(self.world.direct(player).payload())

    async def typing(self, request: web.Request) -> web.Response:
        self._channel(request).typed += 1
        return web.Response(status=204)

    async def create(self, request: web.Request) -> web.Response:
        channel = self._channel(request)
        payload, files = await _parts(request)
        self._check(message_problems(payload, len(files), is_new=True))
        self._may(channel, "attach_files" if files else "send_messages")
        if channel.guild is None and channel.player is not None and not channel.player.takes_direct:
            raise Refusal(403, 50007, "Cannot send messages to this user")
        nonce = payload.get("nonce")
        before = [one for one in self.world.messages.values() if nonce and one.nonce == nonce]
        if before:
            return reply(before[0].payload())
        reference = payload.get("message_reference")
        if reference and "read_message_history" in channel.denied:
            raise Refusal(400, 160002, "Cannot reply without permission to read message history")
        made = Message(channel, BOT_USER.payload(), nonce=nonce)
        made.called = [int(one) for one in payload.get("allowed_mentions", {}).get("users", ())]
        if reference and int(reference["message_id"]) in self.world.messages:
            made.reply_to = int(reference["message_id"])
        self._fill(made, payload, files)
        return reply(made.payload())

    async def get(self, request: web.Request) -> web.Response:
        message = self._message(request)
        self._may(message.channel, "read_message_history")
        return reply(message.payload())

    async def edit(self, request: web.Request) -> web.Response:
        message = self._message(request)
        payload, files = await _parts(request)
        self._check(message_problems(payload, len(files), is_new=False))
        if message.is_ephemeral:
            raise Refusal(404, 10008, "Unknown Message")
        if "view_channel" in message.channel.denied or not message.channel.is_installed:
            raise Refusal(403, 50001, "Missing Access")
        if message.author["id"] != str(BOT):
            raise Refusal(403, 50005, "Cannot edit a message authored by another user")
        self._fill(message, payload, files)
        return reply(message.payload())

    async def open_thread(self, request: web.Request) -> web.Response:
        message = self._message(request)
        self._may(message.channel, "create_public_threads")
        payload = await request.json()
        if not 1 <= len(payload["name"]) <= 100 or payload["auto_archive_duration"] not in (60, 1440, 4320, 10080):
            self.world.problems.append(f"a thread with {payload}")
        if message.id in self.world.channels:
            raise Refusal(400, 160004, "A thread has already been created for this message")
        parent = message.channel
        thread = Channel(payload["name"], guild=parent.guild, kind=11, parent=parent.id, id=message.id)
        self.world.channels[thread.id] = thread
        return reply(thread.payload(), 201)

    async def delete(self, request: web.Request) -> web.Response:
        self._message(request).is_deleted = True
        return web.Response(status=204)

    async def respond(self, request: web.Request) -> web.Response:
        interaction = self._interaction(request)
        payload, files = await _parts(request)
        if time.monotonic() - interaction.created > FIRST_RESPONSE_S:
            raise Refusal(404, 10062, "Unknown interaction")
        if interaction.response is not None:
            raise Refusal(400, 40060, "Interaction has already been acknowledged.")
        kind, data = payload["type"], payload.get("data") or {}
        self._take_response(interaction, kind, data, files)
        interaction.response = kind
        about = {"id": str(interaction.id), "type": interaction.kind}
        original = interaction.original
        if original is not None:
            about["response_message_id"] = str(original.id)
        resource = None if original is None else {"type": kind, "message": original.payload()}
        return reply({"interaction": about, "resource": resource})

    def _take_response(
        self, interaction: Interaction, kind: int, data: dict[str, Any], files: dict[int, tuple[str, bytes]]
    ) -> None:
        if kind == 4:
            self._check(message_problems(data, len(files), is_new=True))
            interaction.original = self._new(interaction, data.get("flags", 0))
            self._fill(interaction.original, data, files)
        elif kind == 5:
            interaction.original = self._new(interaction, data.get("flags", 0) | LOADING)
        elif kind in (6, 7):
            if interaction.message is None:
                raise Refusal(400, 50035, "Invalid Form Body: there is no message to update")
            interaction.original = interaction.message
            if kind == 7:
                self._check(message_problems(data, len(files), is_new=False))
                self._fill(interaction.message, data, files)
        elif kind == 8:
            interaction.choices = data["choices"]
            self._check([f"{len(data['choices'])} choices"] if len(data["choices"]) > 25 else [])
        elif kind == 9 and interaction.kind != 5:
            self._check(modal_problems(data))
            interaction.modal = data
        else:
            raise Refusal(400, 50035, f"Invalid Form Body: response {kind}")

    async def follow_up(self, request: web.Request) -> web.Response:
        interaction = self._answered(request)
        payload, files = await _parts(request)
        self._check(message_problems(payload, len(files), is_new=True))
        original = interaction.original
        if original is not None and original.is_thinking and not original.is_deleted:
            made = original
        else:
            made = self._new(interaction, payload.get("flags", 0))
            interaction.followups.append(made)
        self._fill(made, payload, files)
        return reply(made.payload())

    async def edit_original(self, request: web.Request) -> web.Response:
        message = self._own(request)
        payload, files = await _parts(request)
        self._check(message_problems(payload, len(files), is_new=False))
        self._fill(message, payload, files)
        return reply(message.payload())

    async def delete_original(self, request: web.Request) -> web.Response:
        self._own(request).is_deleted = True
        return web.Response(status=204)

    def _new(self, interaction: Interaction, flags: int) -> Message:
        made = Message(interaction.channel, BOT_USER.payload(), flags=flags)
        made.seen_by = interaction.player.id if flags & EPHEMERAL else None
        self.world.messages[made.id] = made
        return made

    def _fill(self, message: Message, payload: dict[str, Any], files: dict[int, tuple[str, bytes]]) -> None:
        """What a message shows from now on."""
        if "attachments" in payload or files:
            wanted = payload.get("attachments") or [{"id": one} for one in files]
            kept = {one["id"]: one for one in message.attachments}
            message.attachments = [
                kept.get(str(one["id"])) or self.world.attach(*files[int(one["id"])]) for one in wanted
            ]
        message.content = payload["content"] if payload.get("content") is not None else message.content
        message.components = payload.get("components") or ([] if "components" in payload else message.components)
        message.flags = message.flags & ~LOADING | (payload.get("flags") or 0)
        message.is_edited = bool(message.history)
        message.history.append(message.content)
        self.world.messages[message.id] = message

    def _check(self, problems: Any) -> None:
        found = list(problems)
        self.world.problems += found
        if found:
            raise Refusal(400, 50035, f"Invalid Form Body: {'; '.join(found)}")

    def _may(self, channel: Channel, what: str) -> None:
        if "view_channel" in channel.denied or not channel.is_installed:
            raise Refusal(403, 50001, "Missing Access")
        if what in channel.denied or (what == "attach_files" and "send_messages" in channel.denied):
            raise Refusal(403, 50013, "Missing Permissions")

    def _channel(self, request: web.Request) -> Channel:
        found = self.world.channels.get(int(request.match_info["channel"]))
        if found is None:
            raise Refusal(404, 10003, "Unknown Channel")
        return found

    def _message(self, request: web.Request) -> Message:
        self._channel(request)
        found = self.world.messages.get(int(request.match_info["message"]))
        if found is None or found.is_deleted:
            raise Refusal(404, 10008, "Unknown Message")
        return found

    def _interaction(self, request: web.Request) -> Interaction:
        found = self.world.interactions.get(request.match_info["token"])
        if found is None or found.is_expired:
            raise Refusal(401, 50027, "Invalid Webhook Token")
        return found

    def _answered(self, request: web.Request) -> Interaction:
        found = self._interaction(request)
        if found.response is None:
            raise Refusal(404, 10015, "Unknown Webhook")
        return found

    def _own(self, request: web.Request) -> Message:
        if request.match_info["message"] != "@original":
            raise Refusal(404, 10008, "Unknown Message")
        found = self._answered(request).original
        if found is None or found.is_deleted:
            raise Refusal(404, 10008, "Unknown Message")
        return found


async def _parts(request: web.Request) -> tuple[dict[str, Any], dict[int, tuple[str, bytes]]]:
    """The payload and the uploaded files by their numbers."""
    if not request.content_type.startswith("multipart/"):
        return await request.json(), {}
    payload: dict[str, Any] = {}
    files: dict[int, tuple[str, bytes]] = {}
    async for part in await request.multipart():
        if part.name == "payload_json":
            payload = json.loads(await part.text())
        elif part.name is not None:
            files[int(part.name.removeprefix("files[").removesuffix("]"))] = (part.filename or "", await part.read())
    return payload, files
