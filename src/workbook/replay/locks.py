"""Two lock files of uv: which packages differ, in words that a person can act upon."""

from __future__ import annotations

import tomllib
from collections import defaultdict
from collections.abc import Iterator, Mapping
from pathlib import PurePosixPath
from typing import Any

from workbook.messages import quote_lines

__all__ = ["is_lock", "lock_difference", "locked_versions", "quote_locks"]

_SHOWN = 8

type _Lock = Mapping[str, Any]  # what tomllib gives: uv alone knows every key
type _Packages = Mapping[str, list[_Lock]]  # several of a name, where platforms need several


def is_lock(path: str) -> bool:
    """Whether a path, at any depth, is that of a lock file of uv."""
    return PurePosixPath(path).name == "uv.lock"


def quote_locks(path: str, there: str, here: str) -> str:
    """How two locks differ, as a message shows it; empty where lines of text say it better."""
    lines = lock_difference(there, here) if is_lock(path) else []
    return quote_lines(lines) if lines else ""


def lock_difference(there: str | bytes, here: str | bytes) -> list[str]:
    """What differs between two locks, a line each: `pyyaml 6.0.3 there, 6.0.4 here`.

    Eight lines at most, and one that counts the others. None if either is no lock of uv, or if
    the two hold the same in another layout.
    """
    old, new = _read(there), _read(here)
    if old is None or new is None:
        return []
    lines = [*_settings(old, new), *_packages(_by_name(old), _by_name(new))]
    left = len(lines) - _SHOWN
    return lines if left <= 0 else [*lines[:_SHOWN], f"… and {left} more"]


def locked_versions(lock: str | bytes) -> Mapping[str, tuple[str, ...]]:
    """The versions that a lock holds of each package from an index; none if it is no lock."""
    read = _read(lock)
    return {
        name: _versions(packages)
        for name, packages in ({} if read is None else _by_name(read)).items()
        if any("registry" in package.get("source", {}) for package in packages)
    }


def _read(lock: str | bytes) -> _Lock | None:
    text = lock.decode("utf-8", "replace") if isinstance(lock, bytes) else lock
    try:
        read = tomllib.loads(text)
    except tomllib.TOMLDecodeError:
        return None
    packages = read.get("package", [])
    named = isinstance(packages, list) and all("name" in package for package in packages)
    return read if named and isinstance(read.get("version"), int) else None


def _by_name(lock: _Lock) -> _Packages:
    found: dict[str, list[_Lock]] = defaultdict(list)
    for package in lock.get("package", []):
        found[package["name"]].append(package)
    return found


def _settings(old: _Lock, new: _Lock) -> Iterator[str]:
    """The differences beside the packages: the options, and the lock's own keys."""
    yield from _values("options: ", old.get("options", {}), new.get("options", {}))
    apart = {"options", "package"}
    yield from _values(
        "",
        {key: value for key, value in old.items() if key not in apart},
        {key: value for key, value in new.items() if key not in apart},
    )


def _values(prefix: str, old: _Lock, new: _Lock) -> Iterator[str]:
    for key in sorted(old.keys() | new.keys()):
        if old.get(key) == new.get(key):
            continue
        sides = [side.get(key, "none") for side in (old, new)]
        if any(isinstance(side, list | dict) for side in sides):
            yield f"{prefix}another {key}"
        else:
            yield f"{prefix}{key} {sides[0]} there, {sides[1]} here"


def _packages(old: _Packages, new: _Packages) -> Iterator[str]:
    moved: list[str] = []
    others: list[str] = []
    sources: list[str] = []
    for name in sorted(old.keys() | new.keys()):
        there, here = old.get(name, []), new.get(name, [])
        if _versions(there) != _versions(here):
            moved.append(f"{name} {_said(there)} there, {_said(here)} here")
            continue
        others += _contents(f"{name} {_said(there)}".rstrip(), there, here)
        if _each("source", there) != _each("source", here):
            sources.append(name)
    yield from moved
    # An index of one's own rewrites the source of every package: that is one fact.
    if sources:
        yield f"another source of {sources[0]}" + (
            f" and {len(sources) - 1} more" if len(sources) > 1 else ""
        )
    yield from others


def _contents(name: str, there: list[_Lock], here: list[_Lock]) -> Iterator[str]:
    old, new = _hashes(there), _hashes(here)
    if old != new:
        yield f"{name}: other files ({len(old)} there, {len(new)} here)"
    held_apart = {"sdist", "source", "wheels"}
    if any(
        _each(key, there) != _each(key, here)
        for key in {key for package in (*there, *here) for key in package} - held_apart
    ):
        yield f"{name}: other requirements"


def _versions(packages: list[_Lock]) -> tuple[str, ...]:
    # A project whose version is computed has none in the lock.
    return tuple(package.get("version", "") for package in packages)


def _said(packages: list[_Lock]) -> str:
    return " and ".join(_versions(packages)) if packages else "none"


def _each(key: str, packages: list[_Lock]) -> list[object]:
    return [package.get(key) for package in packages]


def _hashes(packages: list[_Lock]) -> set[str]:
    """The files by their hashes: an index of one's own gives the same files another address."""
    files = [file for package in packages for file in package.get("wheels", [])]
    files += [package["sdist"] for package in packages if "sdist" in package]
    return {str(file.get("hash", file)) for file in files}
