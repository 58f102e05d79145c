"""How a stack's state is kept: a checkpoint, a journal of the deployment that is running, and a lock.

The checkpoint is a deployment in Pulumi's format, version 3, as `pulumi stack export` writes it; it is replaced whole,
through a temporary file. While a deployment runs, each finished step is one appended line of the journal, so nothing
that succeeded is lost when the process is killed, and a step costs the same in a large stack as in a small one. The
next opening reads the journal over the checkpoint it belongs to.

Lines of the journal: `{"base": SHA-256 of the checkpoint}` first, then `{"salt": text}`, `{"put": n, "resource": …}`,
`{"drop": n}`, `{"renamed": [old, new]}`, and `{"begin": URN}` and `{"end": URN}` around a creation. The number of a
resource is its place in the checkpoint, or the next free one for a resource of this deployment. Those sort before the
ones of the checkpoint that are still there: what a resource depends on has been registered before it, and what depends
on a resource that goes away goes first.
"""

from __future__ import annotations

import fcntl
import hashlib
import json
import os
import threading
from collections.abc import Iterable
from pathlib import Path
from typing import IO, Any

from localcloud.deployments import EngineError
from localcloud.engine.passphrase import Passphrase
from localcloud.engine.state import STACK_TYPE, State, now, resource_from_json, resource_to_json
from localcloud.engine.values import Props, Secret, rebuild

# The version of Pulumi whose decisions this engine follows; the CLI refuses a manifest without its checksum.
PULUMI_VERSION = "v3.260.0"
FORMAT = 3


class Checkpoint:
    """The stored resources of one stack. One that is to be written holds the stack's lock until it is closed.

    `interrupted` are the URNs of what was being created when the last deployment was killed, and may exist or not.

    Raises EngineError when the lock is taken, when the file is damaged, or when the passphrase is wrong.
    """

    def __init__(self, path: Path, passphrase: Passphrase, *, write: bool = False) -> None:
        self.path, self.passphrase = path, passphrase
        self._journal_path = path.with_suffix(".journal")
        self._lock_file = _lock(path.with_suffix(".lock")) if write else None
        self._journal: IO[str] | None = None
        self._mutex = threading.Lock()
        self._salt_written = ""
        self.interrupted: list[str] = []
        self._content = path.read_bytes() if path.exists() else None
        try:
            self.resources = self._load()
            if write and self._journal_path.exists():
                self.commit(self.resources)
        except BaseException:
            self.close()
            raise
        self._number(self.resources)

    # ---- reading ----

    def _load(self) -> list[State]:
        try:
            deployment = _deployment(self._content)
            salt = ((deployment.get("secrets_providers") or {}).get("state") or {}).get("salt", "")
            self.passphrase.salt = salt or self.passphrase.salt
            return self._replay(deployment.get("resources") or [])
        except (ValueError, KeyError, TypeError, AttributeError) as error:
            raise EngineError(
                f"{self.path} is damaged ({type(error).__name__}: {error}); it was left as it is. "
                "Restore it, or remove it to start from nothing"
            ) from None

    def _replay(self, base: list[Props]) -> list[State]:
        resources, renamed, begun = dict(enumerate(base)), dict[str, str](), dict[str, None]()
        for entry in self._entries():
            if "put" in entry:
                resources[entry["put"]] = entry["resource"]
                begun.pop(entry["resource"]["urn"], None)
            elif "begin" in entry:
                begun[entry["begin"]] = None
            elif "end" in entry:
                begun.pop(entry["end"], None)
            elif "drop" in entry:
                resources.pop(entry["drop"], None)
            elif "renamed" in entry:
                renamed.update([entry["renamed"]])
            else:
                self.passphrase.salt = entry["salt"]
        order = sorted(resources, key=lambda number: (number < len(base), number))
        states = [resource_from_json(resources[number], self.passphrase) for number in order]
        for state in states:
            state.rename(renamed)
        self.interrupted = list(begun)
        return states

    def _entries(self) -> list[Props]:
        """The journal's lines, unless the deployment that wrote them had already written its checkpoint."""
        if not self._journal_path.exists():
            return []
        lines = self._journal_path.read_bytes().split(b"\n")[:-1]  # what comes after the last line end is no line
        if not lines or json.loads(lines[0]) != {"base": _digest(self._content)}:
            return []
        return [json.loads(line) for line in lines[1:]]

    @property
    def stored(self) -> bool:
        """Whether there is any state, be it empty."""
        return self._content is not None or self._journal_path.exists()

    def outputs(self, *, show_secrets: bool) -> Props:
        """The stack's exports; secrets read "[secret]" unless they are to be shown."""

        def shown(item: Any) -> Any:
            if isinstance(item, Secret):
                return item.value if show_secrets else "[secret]"
            return item

        visible: Props = rebuild(self.root_outputs(), shown)
        return visible

    def root_outputs(self) -> Props:
        return next((state.outputs for state in self.resources if state.type == STACK_TYPE), {})

    def document(self) -> Props:
        """The deployment as `pulumi stack import` accepts it."""
        return self._document(self.resources)

    # ---- writing ----

    def record(self, put: Iterable[State] = (), drop: Iterable[State] = (), *, flush: bool = True) -> None:
        """Note resources that are new or changed, and those that are gone. Without `flush`, the next note writes it."""
        with self._mutex:
            lines: list[Props] = []
            for state in put:
                number = self._numbers.setdefault(id(state), len(self._numbers))
                lines.append({"put": number, "resource": resource_to_json(state, self.passphrase)})
            lines += [{"drop": self._numbers[id(state)]} for state in drop if id(state) in self._numbers]
            self._append(lines, flush)

    def note(self, entry: Props, *, flush: bool = True) -> None:
        """Write an entry that is about no state: a renaming, or the beginning or end of a creation."""
        with self._mutex:
            self._append([entry], flush)

    def _append(self, lines: list[Props], flush: bool) -> None:
        head: list[Props] = []
        if self._journal is None:
            self._journal = self._journal_path.open("w")
            head.append({"base": _digest(self._content)})
        if self.passphrase.salt != self._salt_written:
            self._salt_written = self.passphrase.salt
            head.append({"salt": self.passphrase.salt})
        self._journal.write("".join(json.dumps(line) + "\n" for line in head + lines))
        if flush:
            self._journal.flush()

    def commit(self, resources: list[State]) -> None:
        """Replace the checkpoint by these resources and end the journal."""
        with self._mutex:
            content = json.dumps(self._document(resources)).encode()
            temporary = self.path.with_suffix(".tmp")
            with temporary.open("wb") as file:
                file.write(content)
                file.flush()
                os.fsync(file.fileno())
            temporary.replace(self.path)
            self._content, self.resources = content, resources
            self._number(resources)
            self._end_journal()

    def _number(self, resources: list[State]) -> None:
        self._numbers = {id(state): number for number, state in enumerate(resources)}

    def _end_journal(self) -> None:
        if self._journal is not None:
            self._journal.close()
            self._journal = None
        self._journal_path.unlink(missing_ok=True)

    def _document(self, resources: list[State]) -> Props:
        listed = [resource_to_json(state, self.passphrase) for state in resources]
        magic = hashlib.sha256(PULUMI_VERSION.encode()).hexdigest()
        deployment: Props = {"manifest": {"time": now(), "magic": magic, "version": PULUMI_VERSION}}
        if self.passphrase.salt:
            deployment["secrets_providers"] = {"type": "passphrase", "state": {"salt": self.passphrase.salt}}
        return {"version": FORMAT, "deployment": {**deployment, "resources": listed, "metadata": {}}}

    def close(self) -> None:
        if self._journal is not None:
            self._journal.close()
        if self._lock_file is not None:
            self._lock_file.close()


def forget(path: Path) -> None:
    """Remove a state, damaged or not. Raises EngineError while a deployment holds it."""
    with _lock(path.with_suffix(".lock")):
        path.with_suffix(".journal").unlink(missing_ok=True)
        path.unlink(missing_ok=True)


def _digest(content: bytes | None) -> str:
    return hashlib.sha256(content or b"").hexdigest()


def _deployment(content: bytes | None) -> Props:
    if content is None:
        return {}
    document = json.loads(content)
    if document["version"] != FORMAT:
        raise ValueError(f"version {document['version']} of the deployment format, where {FORMAT} is needed")
    deployment: Props = document["deployment"]
    return deployment


def _lock(path: Path) -> IO[Any]:
    """Take the stack's lock, which the kernel frees when its holder dies. Raises EngineError naming a living holder."""
    path.parent.mkdir(parents=True, exist_ok=True)
    file = path.open("a+")
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        file.seek(0)
        holder = file.read().strip()
        file.close()
        raise EngineError(f"stack {path.stem} is locked by process {holder}; wait for it or end it") from None
    file.truncate(0)
    file.write(str(os.getpid()))
    file.flush()
    return file
