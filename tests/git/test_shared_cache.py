"""A cache that machines share: a real S3 interface on loopback, and a plain folder."""

from __future__ import annotations

import os
import socket
from collections.abc import Iterator
from pathlib import Path

import boto3
import pytest
from moto.server import ThreadedMotoServer

from fairlead.doors.shared import SharedStore
from fairlead.doors.store import FORM, Seal, Store, frames
from fairlead.render import helper
from fairlead.steps.world import Run
from fairlead.workflows.check import Request, check
from tests.support import new_repo

# The storage packages warn of themselves.
pytestmark = [pytest.mark.filterwarnings("default")]
_KEY = "ab" + "0" * 62
_SERVICE = "apiVersion: v1\nkind: Service\nmetadata:\n  name: web\n"
_FILES = {
    "overlays/dev/kustomization.yaml": "resources: [s.yaml]\n",
    "overlays/dev/s.yaml": _SERVICE,
    "overlays/production/kustomization.yaml": "secretGenerator:\n- {name: s, literals: [password=hunter2]}\n",
}


class _Bucket:
    """The bucket, looked at past our own code."""

    def __init__(self, client: object) -> None:
        self.client = client

    def names(self) -> list[str]:
        return [o["Key"] for o in self.client.list_objects_v2(Bucket="cache").get("Contents", ())]  # type: ignore[attr-defined]

    def read(self, key: str) -> bytes:
        return self.client.get_object(Bucket="cache", Key=key)["Body"].read()  # type: ignore[attr-defined]

    def write(self, key: str, data: bytes) -> None:
        self.client.put_object(Bucket="cache", Key=key, Body=data)  # type: ignore[attr-defined]


@pytest.fixture(scope="module")
def server() -> Iterator[str]:
    made = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    made.start()
    host, port = made.get_host_and_port()
    yield f"http://{host}:{port}"
    made.stop()


@pytest.fixture
def bucket(server: str, monkeypatch: pytest.MonkeyPatch) -> Iterator[_Bucket]:
    for name, value in (
        ("AWS_ENDPOINT_URL", server), ("AWS_ACCESS_KEY_ID", "test"), ("AWS_SECRET_ACCESS_KEY", "test"),
        ("AWS_DEFAULT_REGION", "us-east-1"), ("AWS_EC2_METADATA_DISABLED", "true"), ("AWS_MAX_ATTEMPTS", "1"),
        ("FAIRLEAD_SHARED_CACHE", "s3://cache/fairlead"),
    ):  # fmt: skip
        monkeypatch.setenv(name, value)
    client = boto3.client("s3")
    client.create_bucket(Bucket="cache")
    made = _Bucket(client)
    yield made
    for key in made.names():
        client.delete_object(Bucket="cache", Key=key)
    client.delete_bucket(Bucket="cache")
    client.close()


def _machine(folder: Path) -> SharedStore:
    return SharedStore(Store(folder), os.environ["FAIRLEAD_SHARED_CACHE"])


def test_what_one_machine_puts_another_gets(bucket: _Bucket, tmp_path: Path) -> None:
    one, other = _machine(tmp_path / "one"), _machine(tmp_path / "other")
    one.put("results", _KEY, b"text")
    one.put("manifest", "id/stamp/1", b"said")
    one.put("marks", "cd" * 32, b"of this machine")
    one.send()
    assert sorted(bucket.names()) == [f"fairlead/{FORM}/manifest/id/stamp/1", f"fairlead/{FORM}/results/ab/{_KEY}"]
    assert other.keys("manifest", "id/stamp") == ("id/stamp/1",)
    assert other.get("manifest", "id/stamp/1") == b"said"
    assert other.get("results", _KEY) == b"text"
    assert other.get("results", "ef" * 32) is None
    assert other.local.get("results", _KEY) == b"text"
    assert (one.trouble, other.trouble) == ("", "")
    other.drop("manifest", "id/stamp/1")
    assert bucket.names() == [f"fairlead/{FORM}/results/ab/{_KEY}"]


def test_many_are_brought_at_once(bucket: _Bucket, tmp_path: Path) -> None:
    one, other = _machine(tmp_path / "one"), _machine(tmp_path / "other")
    keys = [f"{number:02d}" * 32 for number in range(20)]
    for key in keys:
        one.put("results", key, key.encode())
    one.send()
    other.prefetch("results", [*keys, "ef" * 32])
    assert [other.local.get("results", key) for key in keys] == [key.encode() for key in keys]


def test_what_was_changed_there_is_not_taken(bucket: _Bucket, tmp_path: Path) -> None:
    one, other = _machine(tmp_path / "one"), _machine(tmp_path / "other")
    one.put("results", _KEY, b"text")
    one.send()
    (key,) = bucket.names()
    bucket.write(key, bucket.read(key)[:-3] + b"!!!")
    assert other.get("results", _KEY) is None
    assert other.local.damaged == 1
    bucket.write(key, Seal("").close("results", "cd" * 32, b"of another name"))
    assert other.get("results", _KEY) is None


def test_a_storage_that_is_not_there_is_told_and_left_alone(
    bucket: _Bucket, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        monkeypatch.setenv("AWS_ENDPOINT_URL", f"http://127.0.0.1:{free.getsockname()[1]}")
    store = _machine(tmp_path)
    store.put("results", _KEY, b"text")
    store.send()
    assert store.trouble.startswith("the shared cache can't be used: ")
    assert store.get("results", _KEY) == b"text"


@pytest.mark.parametrize("url", ["nonsense://x", "s3://no-such-bucket/x"])
def test_an_address_that_leads_nowhere_is_told(bucket: _Bucket, tmp_path: Path, url: str) -> None:
    store = SharedStore(Store(tmp_path), url)
    store.put("results", _KEY, b"text")
    store.send()
    assert "the shared cache can't be used" in store.trouble


def test_a_plain_folder_will_do(tmp_path: Path) -> None:
    for url in (str(tmp_path / "plain"), (tmp_path / "uri").as_uri()):
        one, other = (SharedStore(Store(tmp_path / f"{name}-{len(url)}"), url) for name in ("one", "other"))
        one.put("results", _KEY, b"text")
        one.put("manifest", "id/stamp/1", b"said")
        one.send()
        assert other.keys("manifest", "id/stamp") == ("id/stamp/1",)
        assert other.get("results", _KEY) == b"text"
        assert (one.trouble, other.trouble) == ("", "")


needs_helper = pytest.mark.skipif(
    helper.found() is None, reason="there is no fairlead-renderer: nothing is kept without it (make renderer)"
)


@needs_helper
def test_a_second_machine_renders_nothing(bucket: _Bucket, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    outcomes = []
    for name in ("one", "other"):
        new_repo(tmp_path / name, _FILES).git.run("remote", "add", "origin", "https://ann:token@example.com/fleet")
        monkeypatch.setenv("FAIRLEAD_CACHE", str(tmp_path / f"{name}-cache"))
        outcomes.append(check(Run(tmp_path / name, jobs=1), Request(at="HEAD")))
    assert [result.fresh for result in outcomes[0].results] == [True, True]
    assert [result.fresh for result in outcomes[1].results] == [False, False]
    assert outcomes[0].findings == outcomes[1].findings


@needs_helper
def test_what_renders_a_secret_does_not_leave_the_machine(
    bucket: _Bucket, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    new_repo(tmp_path / "fleet", _FILES)
    monkeypatch.setenv("FAIRLEAD_CACHE", str(tmp_path / "cache"))
    check(Run(tmp_path / "fleet", jobs=1), Request())
    sent = {name: bucket.read(name) for name in bucket.names()}
    held = [data for name, data in sent.items() if "/results/" in name]
    shown = [Seal("").open("result", *row) for pack in held for row in frames(pack)]
    assert len(shown) == 1
    assert shown[0] is not None
    assert b"kind: Service" in shown[0]
    manifests = [data for name, data in sent.items() if "/manifest/" in name]
    told = [
        Seal("").open("manifest", name.partition("/manifest/")[2], data)
        for name, data in sent.items()
        if "/manifest/" in name
    ]
    assert len(manifests) == len(told) == 1
    for data in (*sent.values(), *shown, *told):
        assert data is not None
        assert b"hunter2" not in data
        assert b"aHVudGVyMg" not in data
    assert Store(tmp_path / "cache").usage().entries["private"] == 1
