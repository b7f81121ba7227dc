"""Starts the program ``scimscope`` for a test run, and speaks with its control API. Only pytest is needed."""

import json
import os
import subprocess
import urllib.error
import urllib.request

import pytest

PROGRAM = os.environ.get("SCIMSCOPE", "scimscope")
TOKEN = "token-of-the-test"


class Scimscope:
    """A SCIM server on a free port, in a temporary workspace."""

    def __init__(self, *options):
        fixed = ["--listen", "127.0.0.1:0", "--control", "127.0.0.1:0", "--no-ui"]
        command = [PROGRAM, "serve", *fixed, "--token", TOKEN, "--control-token", TOKEN, *options]
        self.process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
        # The one line on standard output says that it is ready, and where it is.
        line = self.process.stdout.readline()
        if not line:
            raise RuntimeError(f"{PROGRAM} ended with {self.process.wait()} before it was ready")
        ready = json.loads(line)
        self.url, self.control, self.token, self.after = ready["scim"], ready["control"], TOKEN, 0

    def call(self, method, path, body=None):
        """Calls the control API."""
        request = urllib.request.Request(
            f"{self.control}/api/v1{path}",
            method=method,
            data=None if body is None else json.dumps(body).encode(),
            headers={"Authorization": f"Bearer {TOKEN}", "Content-Type": "application/json"},
        )
        try:
            with urllib.request.urlopen(request) as answer:
                return json.load(answer)
        except urllib.error.HTTPError as error:
            raise AssertionError(json.load(error)["error"]["message"]) from error

    def reset(self):
        """Begins anew: record and directory are empty."""
        self.after = self.call("POST", "/reset", {})["head"]

    def wait_for(self, query, count=1, timeout=10):
        """Waits for exchanges that a query selects, and gives them."""
        asked = {"q": query, "count": count, "timeout_ms": int(timeout * 1000), "after": self.after}
        waited = self.call("POST", "/wait-for", asked)
        assert waited["met"], f"{waited['count']} of {count}: {query}\n{json.dumps(waited['misses'], indent=2)}"
        return waited["items"]

    def check(self, *checks):
        """Fails with every check that does not hold."""
        asserted = self.call("POST", "/assert", {"checks": list(checks), "after": self.after})
        failed = [f"{check['name']}: {check['message']}" for check in asserted["checks"] if not check["passed"]]
        assert not failed, "\n".join(failed)

    def stop(self):
        """Ends the server."""
        self.process.terminate()
        self.process.wait()


@pytest.fixture(scope="session")
def scimscope_server():
    server = Scimscope()
    yield server
    server.stop()


@pytest.fixture
def scimscope(scimscope_server):
    """The server, with nothing in it."""
    scimscope_server.reset()
    return scimscope_server
