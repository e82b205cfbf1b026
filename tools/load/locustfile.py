"""Programs that send pictures to the HTTP API and ask until their deck is there: a scenario for Locust.

``locust -f tools/load/locustfile.py --host http://…`` with S2D_LOAD_KEYS (API keys, separated by commas) and
S2D_LOAD_PICTURE, a text with ``NUMBER`` where each picture is to differ.
"""

import os
import time
from itertools import count
from typing import Any

import gevent
from locust import HttpUser, constant_throughput, task

KEYS = os.environ.get("S2D_LOAD_KEYS", "").split(",")
PICTURE = os.environ.get("S2D_LOAD_PICTURE", "NUMBER")
WHOLE = "picture to deck"
PATIENCE_S = 30.0
_POLL_S = 0.2
_numbers = count(time.time_ns() % 10**12)
_users = count()


class Program(HttpUser):
    """One picture a second, or as many as the answers allow."""

    wait_time = constant_throughput(1)

    def on_start(self) -> None:
        """Sign in."""
        key = KEYS[next(_users) % len(KEYS)]
        answer = self.client.post("/api/auth/login", headers={"X-API-Key": key}, name="login")
        self.client.headers["Authorization"] = f"Bearer {answer.json()['access_token']}"

    @task
    def convert(self) -> None:
        """Send a picture that nobody sent before; its time counts until its deck is there."""
        began, problem = time.perf_counter(), None
        try:
            self._convert()
        except Exception as error:
            problem = error
        self.environment.events.request.fire(
            request_type="DECK",
            name=WHOLE,
            response_time=(time.perf_counter() - began) * 1000,
            response_length=0,
            exception=problem,
            context={},
        )

    def _convert(self) -> None:
        picture = PICTURE.replace("NUMBER", str(next(_numbers)))
        sent = self.client.post("/api/ocr", data=picture, name="submit")
        sent.raise_for_status()
        body: dict[str, Any] = sent.json()
        end = time.perf_counter() + PATIENCE_S
        while body["state"] not in ("done", "refused", "failed"):
            if time.perf_counter() > end:
                raise TimeoutError("no deck in time")
            gevent.sleep(_POLL_S)
            body = self.client.get(body["status_url"], name="status").json()
        if body["state"] != "done":
            raise ValueError(f"the picture is {body['state']}")
