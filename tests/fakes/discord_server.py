"""Discord on this machine: what a bot sees on the wire, and what players do and see."""

import asyncio
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

from aiohttp import web

from tests.fakes.discord_gateway import Gateway
from tests.fakes.discord_rest import API, BOT_USER, TOKEN, Rest, World
from tests.fakes.discord_world import BOT, EVERYONE_MAY, Channel, Interaction, Message, Player, snowflake, timestamp

MESSAGE_CONTENT = 1 << 15
PATIENCE_S = 20.0

File = tuple[str, bytes]


@dataclass(slots=True)
class FakeDiscord:
    """A server with one community; ``problems`` of its world are what no bot should have done."""

    world: World
    gateway: Gateway
    guild: int
    trickle_s: float = 0.0
    cut_downloads: int = 0
    expired_links: bool = False
    downloads: int = 0
    _forwarded: list[str] = field(default_factory=list)

    @property
    def api_url(self) -> str:
        """As DISCORD_API_URL."""
        return self.world.base + API

    @property
    def gateway_url(self) -> str:
        """As DISCORD_GATEWAY_URL."""
        return self.world.base.replace("http", "ws") + "/gateway"

    def player(self, name: str, **about: Any) -> Player:
        """Somebody new."""
        player = Player(name, **about)
        self.world.players[player.id] = player
        return player

    def channel(self, name: str, **about: Any) -> Channel:
        """A channel of the community; make it before the bot connects."""
        channel = Channel(name, guild=self.guild, **about)
        self.world.channels[channel.id] = channel
        return channel

    def direct(self, player: Player) -> Channel:
        """The direct messages with somebody."""
        return self.world.direct(player)

    async def say(
        self,
        player: Player,
        channel: Channel,
        text: str = "",
        files: Sequence[File] = (),
        *,
        reply_to: Message | None = None,
        forwards: Sequence[File] | None = None,
        pings: bool = True,
    ) -> Message:
        """A player writes."""
        message = Message(channel, player.payload(), text, [self.world.attach(*one) for one in files])
        if f"<@{BOT}>" in text or (reply_to is not None and reply_to.author["id"] == str(BOT) and pings):
            message.mentions = [BOT_USER.payload()]
        if reply_to is not None:
            message.reply_to, message.kind = reply_to.id, 19
        if forwards is not None:
            attachments = [self.world.attach(*one) for one in forwards]
            shown = {"content": "", "attachments": attachments, "embeds": [], "timestamp": timestamp(), "type": 0}
            message.snapshots = [{**shown, "mentions": [], "edited_timestamp": None, "flags": 0}]
        self.world.messages[message.id] = message
        await self.gateway.dispatch("MESSAGE_CREATE", self._told(message))
        return message

    async def edit(self, message: Message, files: Sequence[File] | None = None, text: str | None = None) -> None:
        """A player changes what they wrote."""
        if files is not None:
            message.attachments = [self.world.attach(*one) for one in files]
        message.content = message.content if text is None else text
        message.is_edited = True
        await self.gateway.dispatch("MESSAGE_UPDATE", self._told(message))

    def _told(self, message: Message) -> dict[str, Any]:
        """A message as the bot may see it: without the intent, contents only where it is meant."""
        told = self._stripped(message)
        quoted = None if message.reply_to is None else self.world.messages.get(message.reply_to)
        if quoted is not None:
            told["referenced_message"] = self._stripped(quoted, is_meant=bool(message.mentions))
        return told

    def _stripped(self, message: Message, *, is_meant: bool = False) -> dict[str, Any]:
        told = message.payload()
        is_own = message.author["id"] == str(BOT)
        is_open = message.channel.guild is None or message.mentions or is_own or is_meant
        if not is_open and not self.gateway.intents & MESSAGE_CONTENT:
            told |= {"content": "", "attachments": [], "components": [], "message_snapshots": []}
        return told

    async def slash(
        self,
        player: Player,
        channel: Channel,
        name: str,
        files: dict[str, File] | None = None,
        **options: object,
    ) -> Interaction:
        """A slash command, which must be registered with these options."""
        command = self._command(name)
        attached = {option: self.world.attach(*file) for option, file in (files or {}).items()}
        values = {**{option: one["id"] for option, one in attached.items()}, **options}
        data = {"id": command["id"], "name": name, "type": 1, "options": _options(command, values)}
        data["resolved"] = {"attachments": {one["id"]: one for one in attached.values()}}
        return await self._interact(Interaction(player, channel, 2, data))

    async def operate(self, player: Player, channel: Channel, words: str, **options: object) -> Interaction:
        """An action of the console, as ``queue drain``; ``older_than`` is the option ``older-than``."""
        command, verb = self._action(words)
        given = _options(verb, {name.rstrip("_").replace("_", "-"): value for name, value in options.items()})
        missing = [one["name"] for one in verb["options"] if one["required"]]
        assert set(missing) <= {one["name"] for one in given}, f"Discord asks for {missing}"
        data = self._action_data(command, {"type": 1, "name": verb["name"], "options": given})
        return await self._interact(Interaction(player, channel, 2, data))

    async def complete_action(self, player: Player, channel: Channel, words: str, option: str, typed: str) -> list[str]:
        """What is offered while somebody types an option of an action."""
        command, verb = self._action(words)
        [given] = _options(verb, {option: typed})
        data = self._action_data(command, {"type": 1, "name": verb["name"], "options": [{**given, "focused": True}]})
        interaction = await self._interact(Interaction(player, channel, 4, data))
        await self.until(lambda: interaction.choices is not None)
        return [str(one["value"]) for one in interaction.choices or ()]

    def _action(self, words: str) -> tuple[dict[str, Any], dict[str, Any]]:
        group, _, verb = words.partition(" ")
        for command in self.world.server_commands.get(self.guild, []):
            for one in command["options"]:
                if command["name"].partition("--")[0] == group and one["name"] == verb:
                    return command, one
        raise AssertionError(f"Discord has no /{words}")

    def _action_data(self, command: dict[str, Any], verb: dict[str, Any]) -> dict[str, Any]:
        about = {"id": command["id"], "name": command["name"], "type": 1, "guild_id": str(self.guild)}
        return {**about, "options": [verb]}

    async def menu(self, player: Player, channel: Channel, message: Message) -> Interaction:
        """The context menu of a message."""
        command = next(one for one in self.world.commands if one["type"] == 3)
        resolved = {"messages": {str(message.id): message.payload()}}
        target = {"target_id": str(message.id), "resolved": resolved}
        data = {"id": command["id"], "name": command["name"], "type": 3, **target}
        return await self._interact(Interaction(player, channel, 2, data))

    async def complete(self, player: Player, channel: Channel, name: str, option: str, typed: str) -> list[str]:
        """What is offered while somebody types an option."""
        command = self._command(name)
        options = _options(command, {option: typed})
        data = {"id": command["id"], "name": name, "type": 1, "options": [{**options[0], "focused": True}]}
        interaction = await self._interact(Interaction(player, channel, 4, data))
        await self.until(lambda: interaction.choices is not None)
        return [f"{one['name']}={one['value']}" for one in interaction.choices or ()]

    async def press(self, player: Player, message: Message, label: str, *, again: bool = False) -> Interaction:
        """A button; ``again`` presses it whatever the message shows by now."""
        custom_id = label if again else message.button(label)
        data = {"component_type": 2, "custom_id": custom_id}
        return await self._interact(Interaction(player, message.channel, 3, data, message))

    async def choose(self, player: Player, message: Message, option: str) -> Interaction:
        """An option of a select, by the beginning of its label."""
        custom_id, value = message.option(option)
        data = {"component_type": 3, "custom_id": custom_id, "values": [value]}
        return await self._interact(Interaction(player, message.channel, 3, data, message))

    async def submit(self, form: Interaction, text: str) -> Interaction:
        """A form is filled in."""
        assert form.modal is not None
        field_ = {"type": 4, "custom_id": form.modal["components"][0]["component"]["custom_id"], "value": text}
        data = {"custom_id": form.modal["custom_id"], "components": [{"type": 18, "id": 1, "component": field_}]}
        return await self._interact(Interaction(form.player, form.channel, 5, data, form.message))

    async def _interact(self, interaction: Interaction) -> Interaction:
        message = interaction.message
        if message is not None:
            assert not message.is_deleted, "nobody can press what is deleted"
            assert message.seen_by in (None, interaction.player.id), "nobody else sees this"
        self.world.interactions[interaction.token] = interaction
        await self.gateway.dispatch("INTERACTION_CREATE", interaction.payload())
        return interaction

    def _command(self, name: str) -> dict[str, Any]:
        return next(one for one in self.world.commands if one["type"] == 1 and one["name"] == name)

    def visible(self, channel: Channel, player: Player | None = None) -> list[Message]:
        """What the bot shows in a channel now, to all or to one as well."""
        wanted = {None, player.id if player else None}
        return [
            one
            for one in self.world.messages.values()
            if one.channel is channel and one.author["id"] == str(BOT) and not one.is_deleted and one.seen_by in wanted
        ]

    async def answer(self, interaction: Interaction) -> Message:
        """What the player sees of an interaction, when there is something."""
        await self.until(lambda: any(not one.is_thinking and not one.is_deleted for one in interaction.shown()))
        return [one for one in interaction.shown() if not one.is_thinking and not one.is_deleted][-1]

    async def shows(self, message: Message, text: str) -> Message:
        """Return when a message shows this."""
        await self.until(lambda: text in message.content, lambda: f"{text!r} in {message.content!r}")
        return message

    async def reply_in(self, channel: Channel, text: str = "", count: int = 1, player: Player | None = None) -> Message:
        """The newest of so many messages of the bot in a channel, when it shows this."""

        def found() -> list[Message]:
            return self.visible(channel, player)

        await self.until(
            lambda: len(found()) == count and text in found()[-1].content,
            lambda: f"{count} messages, the last with {text!r}, in {[one.content for one in found()]}",
        )
        return found()[-1]

    async def until(self, holds: Callable[[], object], what: Callable[[], str] = lambda: "that") -> None:
        """Wait; raises AssertionError."""
        try:
            async with asyncio.timeout(PATIENCE_S):
                while not holds():
                    await asyncio.sleep(0.01)
        except TimeoutError:
            raise AssertionError(f"waited in vain for {what()}; problems: {self.world.problems}") from None

    async def serve_file(self, request: web.Request) -> web.StreamResponse:
        """The CDN."""
        self.downloads += 1
        data = self.world.files.get(int(request.match_info["file"]))
        if data is None or (self.expired_links and "fresh" not in request.query):
            return web.Response(status=404, text="This content is no longer available.")
        response = web.StreamResponse(headers={"Content-Length": str(len(data)), "Content-Type": "image/png"})
        await response.prepare(request)
        half = len(data) // 2
        await response.write(data[:half])
        if self.cut_downloads:
            self.cut_downloads -= 1
            if request.transport is not None:
                request.transport.abort()
            return response
        await asyncio.sleep(self.trickle_s)
        await response.write(data[half:])
        return response

    def refresh_links(self) -> None:
        """Messages that are looked up again have links that work."""
        for message in self.world.messages.values():
            for one in message.attachments:
                one["url"] += "&fresh=1"

    def ready(self) -> tuple[dict[str, Any], list[dict[str, Any]]]:
        """What a new session is told."""
        guild = {"id": str(self.guild), "unavailable": True}
        about = {"v": 10, "user": BOT_USER.payload(), "guilds": [guild], "session_id": str(snowflake())}
        application = {"id": str(BOT), "flags": 0}
        return {**about, "resume_gateway_url": self.gateway_url, "shard": [0, 1], "application": application}, [
            self._guild()
        ]

    def _roles(self) -> list[dict[str, Any]]:
        ids = [self.guild, *sorted({role for player in self.world.players.values() for role in player.roles})]
        about = {"permissions": str(EVERYONE_MAY), "position": 0, "color": 0, "hoist": False, "managed": False}
        about |= {"mentionable": False, "flags": 0}
        return [{"id": str(one), "name": "@everyone" if one == self.guild else f"role {one}", **about} for one in ids]

    def _guild(self) -> dict[str, Any]:
        channels = [one for one in self.world.channels.values() if one.guild == self.guild]
        me = {
            "user": BOT_USER.payload(),
            "roles": [],
            "joined_at": timestamp(),
            "deaf": False,
            "mute": False,
            "flags": 0,
        }
        empty = ("emojis", "stickers", "features", "voice_states", "presences", "stage_instances", "soundboard_sounds")
        numbers = ("verification_level", "default_message_notifications", "explicit_content_filter", "mfa_level")
        more = ("afk_timeout", "system_channel_flags", "nsfw_level", "premium_tier", "premium_subscription_count")
        return {
            "id": str(self.guild),
            "name": "Players",
            "owner_id": "1",
            "preferred_locale": "en-US",
            "member_count": 9,
            "large": False,
            "roles": self._roles(),
            "members": [me],
            "guild_scheduled_events": [],
            "channels": [one.payload() for one in channels if one.kind != 11],
            "threads": [one.payload() for one in channels if one.kind == 11],
            **{name: [] for name in empty},
            **dict.fromkeys((*numbers, *more), 0),
        }


def _options(command: dict[str, Any], values: dict[str, object]) -> list[dict[str, Any]]:
    known = {one["name"]: one for one in command.get("options", ())}
    assert set(values) <= set(known), f"{command['name']} has no options {set(values) - set(known)}"
    return [{"name": name, "type": known[name]["type"], "value": value} for name, value in values.items()]


@asynccontextmanager
async def fake_discord() -> AsyncIterator[FakeDiscord]:
    """Serve until the test is over."""
    world = World()
    discord: FakeDiscord
    gateway = Gateway(lambda: discord.ready(), lambda token: token == TOKEN)
    discord = FakeDiscord(world, gateway, snowflake())
    rest = Rest(world)
    app = web.Application(client_max_size=64_000_000)
    app.router.add_get("/gateway", gateway.serve)
    app.router.add_get("/gateway/", gateway.serve)
    app.router.add_get("/attachments/{channel}/{file}/{name}", discord.serve_file)
    app.router.add_routes(rest.routes())
    runner = web.AppRunner(app, shutdown_timeout=0.1)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    world.base = f"http://127.0.0.1:{runner.addresses[0][1]}"
    rest.gateway_url = discord.gateway_url
    try:
        yield discord
    finally:
        await runner.cleanup()
