"""A bag for each rule of RFC 8493, and of the versions before it: kept or broken, judged as the rule says."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from pathlib import Path

import pytest

from handover.bag import verify_bag
from handover.errors import BagRefused

FILES = {"declaration.yml": b"delivery: x\n", "source/a.txt": b"a\n", "source/b c.txt": b"b\n"}
INFO = "External-Identifier: vn-test\n"


class Bag:
    """A whole bag of version 1.0, before something is done to it."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.version = "1.0"
        self.encoding = "UTF-8"
        self.info = INFO
        self.files = dict(FILES)
        self.manifests = {"sha256"}
        self.tags: dict[str, bytes] = {}

    def line(self, algorithm: str, path: str) -> str:
        digest = hashlib.new(algorithm, self.files[path]).hexdigest()
        return f"{digest}  data/{path.replace('%', '%25').replace(chr(10), '%0A').replace(chr(13), '%0D')}\n"

    def write(self) -> Path:
        for path, content in self.files.items():
            (self.folder / "data" / path).parent.mkdir(parents=True, exist_ok=True)
            (self.folder / "data" / path).write_bytes(content)
        said = f"BagIt-Version: {self.version}\nTag-File-Character-Encoding: {self.encoding}\n"
        info = "package-info.txt" if self.version in {"0.93", "0.94", "0.95"} else "bag-info.txt"
        tags = {"bagit.txt": said.encode(), info: self.info.encode()}
        for algorithm in self.manifests:
            lines = "".join(self.line(algorithm, path) for path in self.files)
            tags[f"manifest-{algorithm}.txt"] = lines.encode()
        for name, content in (tags | self.tags).items():
            (self.folder / name).parent.mkdir(parents=True, exist_ok=True)
            (self.folder / name).write_bytes(content)
        return self.folder


@pytest.fixture
def bag(tmp_path: Path) -> Bag:
    return Bag(tmp_path / "bag")


def versions(version: str) -> Callable[[Bag], None]:
    return lambda bag: setattr(bag, "version", version)


def named(path: str) -> Callable[[Bag], None]:
    return lambda bag: bag.files.update({path: b"x"})


def tag(name: str, content: bytes) -> Callable[[Bag], None]:
    return lambda bag: bag.tags.update({name: content})


def changed(change: Callable[[bytes], bytes], name: str = "manifest-sha256.txt") -> Callable[[Bag], None]:
    """The bag written, and then one tag file of it changed."""

    def apply(bag: Bag) -> None:
        bag.write()
        bag.tags[name] = change((bag.folder / name).read_bytes())

    return apply


KEPT: dict[str, Callable[[Bag], object]] = {
    "2.1.1 version 1.0": versions("1.0"),
    "version 0.97": versions("0.97"),
    "version 0.96": versions("0.96"),
    "version 0.95": versions("0.95"),
    "version 0.94": versions("0.94"),
    "version 0.93": versions("0.93"),
    "2.1.2 a payload of many folders": named("x/y/z/w.txt"),
    "2.1.2 an empty payload file": lambda bag: bag.files.update({"source/empty": b""}),
    "2.1.3 several manifests": lambda bag: bag.manifests.update({"md5", "sha1", "sha512"}),
    "2.1.3 a name with a line end": named("source/a\nb"),
    "2.1.3 a name with a carriage return": named("source/a\rb"),
    "2.1.3 a name with a percent sign": named("source/100%"),
    "2.1.3 a name with an encoded line end that is none": named("source/a%0Ab"),
    "2.1.3 a Vietnamese name": named("source/Đối tượng.txt"),
    "2.1.3 a digest in capitals": changed(lambda text: text.replace(text[:64], text[:64].upper())),
    "2.1.3 a mark for binary files": changed(lambda text: text.replace(b"  data", b" *data")),
    "2.2.1 a tag manifest": tag(
        "tagmanifest-sha256.txt", hashlib.sha256(INFO.encode()).hexdigest().encode() + b"  bag-info.txt\n"
    ),
    "2.2.4 tag folders": tag("meta/more/x.xml", b"<x/>"),
    "2.3 lines that end in CR LF": changed(lambda text: text.replace(b"\n", b"\r\n")),
    "2.3 lines that end in CR": changed(lambda text: text.replace(b"\n", b"\r")),
    "2.2.2 a label twice": lambda bag: setattr(bag, "info", INFO + "Contact-Name: a\nContact-Name: b\n"),
    "2.2.2 a value on several lines": lambda bag: setattr(bag, "info", INFO + "Note: a\n  b\n\tc\n"),
    "2.2.2 a right Payload-Oxum": lambda bag: setattr(bag, "info", INFO + "Payload-Oxum: 16.3\n"),
    "2.2.3 fetch.txt of files that are there": tag(
        "fetch.txt", b"https://example.org/a 2 data/source/a.txt\n"
    ),
}

BROKEN: dict[str, Callable[[Bag], object]] = {
    "2.1.1 no version": tag("bagit.txt", b"Tag-File-Character-Encoding: UTF-8\n"),
    "2.1.1 no encoding": tag("bagit.txt", b"BagIt-Version: 1.0\n"),
    "2.1.1 an unknown version": versions("9.9"),
    "2.1.1 a version that is no number": versions("one"),
    "2.1.1 a byte order mark": tag(
        "bagit.txt", b"\xef\xbb\xbfBagIt-Version: 1.0\nTag-File-Character-Encoding: UTF-8\n"
    ),
    "2.1.1 an unknown encoding": lambda bag: setattr(bag, "encoding", "KLINGON-8"),
    "2.1.1 a third line": tag(
        "bagit.txt", b"BagIt-Version: 1.0\nTag-File-Character-Encoding: UTF-8\nMore: x\n"
    ),
    "2.1.3 no payload manifest": lambda bag: bag.manifests.clear(),
    "2.1.3 a file that isn't listed": changed(lambda text: text.split(b"\n", 1)[1]),
    "2.1.3 a file listed twice": changed(lambda text: text * 2),
    "2.1.3 a file that isn't there": changed(lambda text: text + b"0" * 64 + b"  data/none\n"),
    "2.1.3 a tag file in the payload's manifest": changed(lambda text: text + b"0" * 64 + b"  bagit.txt\n"),
    "2.1.3 a wrong digest": changed(lambda text: (b"0" if text[:1] != b"0" else b"1") + text[1:]),
    "2.1.3 manifests that disagree": tag("manifest-md5.txt", b"0" * 32 + b"  data/source/a.txt\n"),
    "2.1.3 an absolute path": changed(lambda text: text + b"0" * 64 + b"  /etc/passwd\n"),
    "2.1.3 a path that leaves the bag": changed(lambda text: text + b"0" * 64 + b"  data/../../x\n"),
    "2.2.1 a tag file that differs": tag("tagmanifest-sha256.txt", b"0" * 64 + b"  bagit.txt\n"),
    "2.2.1 a tag file that is not there": tag("tagmanifest-sha256.txt", b"0" * 64 + b"  none.txt\n"),
    "2.2.2 a wrong Payload-Oxum": lambda bag: setattr(bag, "info", INFO + "Payload-Oxum: 17.3\n"),
    "2.2.3 fetch.txt of a file to be fetched": tag("fetch.txt", b"https://example.org/a 2 data/later.txt\n"),
    "2.2.3 fetch.txt that leaves the bag": tag("fetch.txt", b"https://example.org/a 2 ../later.txt\n"),
}


@pytest.mark.parametrize("rule", KEPT)
def test_a_bag_that_keeps_the_rule_is_taken(bag: Bag, rule: str) -> None:
    KEPT[rule](bag)
    assert verify_bag(bag.write()).id == "vn-test"


@pytest.mark.parametrize("rule", BROKEN)
def test_a_bag_that_breaks_the_rule_is_refused(bag: Bag, rule: str) -> None:
    BROKEN[rule](bag)
    with pytest.raises(BagRefused):
        verify_bag(bag.write())
