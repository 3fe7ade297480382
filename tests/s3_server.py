"""An S3 server on this machine: moto's, with what it lacks.

moto looks at the condition of a put and puts in two steps, so two puts at once may both be carried
out; S3 carries out one. Here changes wait for each other, as on S3. And it can be told to fail:
before a request is carried out, or after, so that only its answer is lost.
"""

from __future__ import annotations

import threading
from datetime import timedelta
from http.client import HTTPConnection

from moto import settings as moto_settings
from moto.moto_server.werkzeug_app import DomainDispatcherApplication, MotoRequestHandler, create_backend_app
from moto.s3.models import s3_backends
from werkzeug.serving import make_server

ACCOUNT = "123456789012"
KEY, SECRET, TOKEN = "AKIATAMNATEST0001", "tamna/secret+of=tests/0123456789", "tamna/token+0123456789"


class Quiet(MotoRequestHandler):
    def log(self, *args):
        pass


class S3Server:
    """Serves from `start` to `stop`; `url`, `environment()`, and what the tests need to see and to break."""

    def __init__(self):
        self._moto = DomainDispatcherApplication(create_backend_app)
        self._changing = threading.RLock()
        self.requests = []
        self.faults = []
        self.ignored = None
        self._server = make_server("127.0.0.1", 0, self._answer, threaded=True, request_handler=Quiet)
        self.url = f"http://127.0.0.1:{self._server.port}"
        self._thread = threading.Thread(target=self._server.serve_forever, daemon=True)

    def start(self):
        self._thread.start()
        return self

    def stop(self):
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()

    def environment(self):
        return {
            "AWS_ACCESS_KEY_ID": KEY,
            "AWS_SECRET_ACCESS_KEY": SECRET,
            "AWS_REGION": "us-east-1",
            "TAMNA_S3_ENDPOINT": self.url,
        }

    # --- what lies there

    def make_bucket(self, name):
        connection = HTTPConnection("127.0.0.1", self._server.port)
        credential = f"AWS4-HMAC-SHA256 Credential={KEY}/20240101/us-east-1/s3/aws4_request"
        connection.request("PUT", f"/{name}", headers={"Authorization": credential})
        assert connection.getresponse().status == 200
        connection.close()

    def keys(self, bucket, prefix):
        """Give every key that begins with `prefix/`, and its bytes."""
        held = self._bucket(bucket).keys
        return {
            str(k).removeprefix(f"{prefix}/"): held[k].value for k in list(held) if k.startswith(f"{prefix}/")
        }

    def write(self, bucket, key, data):
        self._backend().put_object(bucket, key, data)

    def remove(self, bucket, key):
        self._backend().delete_object(bucket, key)

    def age(self, bucket, hours):
        """Let every key there be older."""
        held = self._bucket(bucket).keys
        for key in list(held):
            held[key].last_modified -= timedelta(hours=hours)

    def _bucket(self, name):
        return self._backend().get_bucket(name)

    @staticmethod
    def _backend():
        return s3_backends[ACCOUNT]["aws"]

    # --- answering

    def fail(self, method, part, *, status=None, code="", after=False, times=1, skip=0):
        """Fail the next requests whose path holds `part`: with `status`, or without any answer.

        `after`: it is carried out first. `skip`: so many of them pass before.
        """
        self.faults += [(method, part, None, "", None)] * skip + [(method, part, status, code, after)] * times

    def _answer(self, environ, start):
        method, path = environ["REQUEST_METHOD"], environ["PATH_INFO"]
        self.requests.append((method, path))
        fault = next((f for f in self.faults if f[0] == method and f[1] in path), None)
        if fault is not None:
            self.faults.remove(fault)
            return self._fail(environ, start, *fault[2:])
        return self._carry_out(environ, start)

    def _fail(self, environ, start, status, code, after):
        if after is None:
            return self._carry_out(environ, start)
        if after:
            list(self._carry_out(environ, lambda *_: None))
        elif environ["REQUEST_METHOD"] == "PUT":
            environ["wsgi.input"].read(int(environ.get("CONTENT_LENGTH") or 0))
        if status is None:
            environ["werkzeug.socket"].shutdown(2)
            raise ConnectionResetError
        body = f"<Error><Code>{code}</Code><Message>{SECRET}</Message></Error>".encode()
        start(f"{status} Told", [("Content-Type", "application/xml"), ("Content-Length", str(len(body)))])
        return [body]

    def _carry_out(self, environ, start):
        """Let moto do it, without the header that is `ignored`."""
        if self.ignored:
            environ.pop(f"HTTP_{self.ignored.upper().replace('-', '_')}", None)
        if environ["REQUEST_METHOD"] in {"PUT", "DELETE", "POST"}:
            with self._changing:
                return list(self._moto(environ, start))
        return self._moto(environ, start)


def checking_credentials(on):
    """Let moto look at signatures: it then knows only keys that its IAM has made."""
    moto_settings.INITIAL_NO_AUTH_ACTION_COUNT = 0 if on else float("inf")
