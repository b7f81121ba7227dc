"""pytest with a SCIM server that tells what came."""

import json
import urllib.parse
import urllib.request

import pytest


def send(server, method, path, body=None):
    request = urllib.request.Request(
        server.url + path,
        method=method,
        data=None if body is None else json.dumps(body).encode(),
        headers={"Authorization": f"Bearer {server.token}", "Content-Type": "application/scim+json"},
    )
    with urllib.request.urlopen(request) as answer:
        return json.load(answer)


def provision(server, user_name):
    """What is to be tested stands here: something that provisions a user."""
    found = send(server, "GET", "/Users?filter=" + urllib.parse.quote(f'userName eq "{user_name}"'))
    if found["totalResults"] == 0:
        user = {"schemas": ["urn:ietf:params:scim:schemas:core:2.0:User"], "userName": user_name, "active": True}
        send(server, "POST", "/Users", user)


def test_a_user_is_looked_for_before_it_is_created(scimscope):
    provision(scimscope, "ada@example.com")
    scimscope.check(
        {"kind": "order", "queries": ["method:get", "method:post status:201"]},
        {"kind": "only", "queries": ["method:get", "method:post"]},
        {"kind": "state", "resource_type": "User", "filter": 'userName eq "ada@example.com"', "exactly": 1},
    )


def test_a_user_that_is_there_is_not_created_again(scimscope):
    provision(scimscope, "ada@example.com")
    provision(scimscope, "ada@example.com")
    assert scimscope.wait_for("method:get", count=2)[0]["status"] == 200
    scimscope.check({"kind": "count", "q": "method:post", "exactly": 1})


def test_what_does_not_hold_is_told(scimscope):
    provision(scimscope, "grace@example.com")
    with pytest.raises(AssertionError, match="exactly 2.*there are 1"):
        scimscope.check({"kind": "count", "q": "method:post", "exactly": 2})
    with pytest.raises(AssertionError, match="0 of 1"):
        scimscope.wait_for("status:500", timeout=0)
