"""A local provider: a real HTTP server on the loopback that answers as scripted, well and badly.

``FakeServer()`` alone serves the documented good answer of every source; ``server.answers(part, *replies)``
puts replies before it for addresses that contain `part` (the last one repeats).
"""

from __future__ import annotations

import contextlib
import gzip
import json
import socket
import struct
import threading
import time
from collections import defaultdict
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, urlsplit

import fake_answers as fake


@dataclass
class Reply:
    """One answer. `behave`: reset | hang (seconds in `wait_s`) | short | drip | endless | quiet."""

    body: bytes = b""
    status: int = 200
    content_type: str = "application/json;charset=UTF-8"
    headers: dict[str, str] = field(default_factory=dict)
    behave: str = ""
    wait_s: float = 0.0


GOOD = Reply(behave="good")  # in a script: the documented good answer from here on


def json_reply(document, status=200):
    return Reply(json.dumps(document, ensure_ascii=False).encode(), status)


def gzipped(body):
    return Reply(gzip.compress(body), headers={"Content-Encoding": "gzip"})


class FakeServer:
    """Runs in a thread; `asked` lists the (path, query) of every request."""

    def __init__(self):
        self.asked: list[tuple[str, dict[str, str]]] = []
        self._scripts = defaultdict(list)
        outer = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_GET(self):
                outer._serve(self)

            def log_message(self, *_):
                pass

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        self._server.block_on_close = False
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.02,), daemon=True)
        self._stopped = threading.Event()

    @property
    def url(self):
        return f"http://127.0.0.1:{self._server.server_port}"

    def __enter__(self):
        self._thread.start()
        return self

    def __exit__(self, *_):
        self._stopped.set()
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()

    def answers(self, part, *replies):
        """Script: addresses that contain `part` get these replies in turn, then the last one for ever."""
        self._scripts[part] = list(replies)

    def set_as_provider(self, monkeypatch, key="fake/key+with==signs"):
        """Point every source at this server, with keys."""
        for name in ("DATA_GO_KR", "KPX", "KMA_APIHUB", "OPEN_METEO", "NASA_POWER", "ENTSOE"):
            monkeypatch.setenv(f"TAMNA_{name}_URL", self.url)
        for name in ("DATA_GO_KR_KEY", "KMA_APIHUB_KEY", "ENTSOE_TOKEN", "OPEN_METEO_KEY"):
            monkeypatch.setenv(f"TAMNA_{name}", key)

    def _reply(self, path, query):
        for part, replies in self._scripts.items():
            if part in path and replies:
                reply = replies.pop(0) if len(replies) > 1 else replies[0]
                return good(path, query) if reply is GOOD else reply
        return good(path, query)

    def _serve(self, handler):
        parts = urlsplit(handler.path)
        query = {k: v[0] for k, v in parse_qs(parts.query, keep_blank_values=True).items()}
        self.asked.append((parts.path, query))
        reply = self._reply(handler.path, query)
        with contextlib.suppress(BrokenPipeError, ConnectionResetError):
            self._send(handler, reply)

    def _send(self, handler, reply):
        if reply.behave == "reset":
            # linger 0: the kernel sends RST
            handler.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            handler.connection.close()
            handler.close_connection = True
            return
        if reply.behave == "quiet":
            handler.close_connection = True
            return
        if reply.behave == "hang":
            self._stopped.wait(reply.wait_s)
        handler.send_response(reply.status)
        handler.send_header("Content-Type", reply.content_type)
        for name, value in reply.headers.items():
            handler.send_header(name, value)
        handler.close_connection = True
        handler.send_header("Connection", "close")
        if reply.behave == "endless":
            handler.end_headers()
            while not self._stopped.is_set():
                handler.wfile.write(b" " * 65536)
            return
        length = len(reply.body) * 2 + 10 if reply.behave == "short" else len(reply.body)
        handler.send_header("Content-Length", str(length))
        handler.end_headers()
        if reply.behave == "drip":
            for byte in reply.body:
                handler.wfile.write(bytes([byte]))
                handler.wfile.flush()
                time.sleep(reply.wait_s)
            return
        handler.wfile.write(reply.body)


def good(path, query):
    """The documented good answer to `path`, for the time that `query` asks for."""
    day = query.get("baseDate") or query.get("date") or query.get("tradeDay") or "20260615"
    if "getJejuSukub5mToday" in path:
        return Reply(fake.envelope(fake.jeju5m(day)))
    if "getChejuSukub5mToday" in path:
        return Reply(fake.envelope_xml(fake.jeju5m(digits=14, sending_end=False)), content_type="text/xml")
    if "getSmpWithForecastDemand" in path:
        return Reply(fake.envelope(fake.smp(day)))
    if "getSumperfuel5m" in path:
        return Reply(fake.envelope(fake.fuel(), root="tbAllSumperfuel5mResponse"))
    if "getPwrAmountByGen" in path:
        return Reply(fake.envelope(fake.fuel(day, time_name="baseDatetime", system=True)))
    if "sukub.do" in path:
        page = int(query["pageIndex"])
        count = min(17, 288 - 17 * (page - 1))
        iso = datetime.strptime(query["startDate"], "%Y%m%d").strftime("%Y-%m-%d")
        rows = fake.national_rows(iso, first=17 * (page - 1), count=count)
        return Reply(fake.national_page(rows), content_type="text/html")
    if "getWthrDataList" in path:
        start = datetime.strptime(query["startDt"] + query["startHh"], "%Y%m%d%H")
        hours = (
            int((datetime.strptime(query["endDt"] + query["endHh"], "%Y%m%d%H") - start) / timedelta(hours=1))
            + 1
        )
        rows = fake.asos(start.strftime("%Y-%m-%d %H:%M"), hours=hours, station=query["stnIds"])
        return Reply(fake.envelope(rows))
    if "getVilageFcst" in path:
        rows = fake.village(
            query["base_date"], query["base_time"], nx=int(query["nx"]), ny=int(query["ny"]), hours=60
        )
        first, many = int(query["pageNo"]), int(query["numOfRows"])
        return Reply(fake.envelope(rows[(first - 1) * many : first * many], total=len(rows)))
    if "kma_sfctm3" in path:
        start, end = (datetime.strptime(query[k], "%Y%m%d%H%M") for k in ("tm1", "tm2"))
        hours = int((end - start) / timedelta(hours=1)) + 1
        return Reply(
            fake.hub(query["tm1"], hours=hours, station=query["stn"]).encode("cp949"),
            content_type="text/plain",
        )
    if path.startswith(("/v1/archive", "/v1/forecast")):
        return json_reply(_meteo(query))
    if "temporal/hourly/point" in path:
        return json_reply(fake.power(query["start"]))
    if path.startswith("/api?"):
        kind = "price" if query["documentType"] == "A44" else "load"
        start, end = (datetime.strptime(query[k], "%Y%m%d%H%M") for k in ("periodStart", "periodEnd"))
        hours = int((end - start) / timedelta(hours=1))
        span = {"start": start.strftime("%Y-%m-%dT%H:%MZ"), "end": end.strftime("%Y-%m-%dT%H:%MZ")}
        psr = "B16" if query["documentType"] == "A75" else None
        points = [(i + 1, 500 + i) for i in range(hours)]
        return Reply(fake.market(points, kind=kind, psr=psr, **span), content_type="text/xml")
    return Reply(b"no such page", 404, "text/plain")


def _meteo(query):
    names = query["hourly"].split(",")
    if "start_date" not in query:
        return fake.meteo(names, start=1781481600, hours=24 * 7)  # 2026-06-15
    start, end = (datetime.strptime(query[k], "%Y-%m-%d") for k in ("start_date", "end_date"))
    seconds = int((start - datetime(1970, 1, 1)) / timedelta(seconds=1))
    return fake.meteo(names, start=seconds, hours=24 * ((end - start).days + 1))
