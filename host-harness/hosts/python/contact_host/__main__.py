"""The command: a JSON document on standard output, progress on standard error.

Ends with 0 where it was done, 1 where it was not, 2 where the command is wrong.
"""

import argparse
import json
import os
import sys
from contextlib import closing
from pathlib import Path

from wasmtime.component import Record, Variant

from . import plan_sink
from .boundary import record
from .connector import Failed
from .lease import Lease
from .workspace import Workspace

SLICE_MS = 10_000


def main() -> int:
    options = parser().parse_args()
    try:
        with closing(Workspace(options.data, options.component, options.allow_loopback)) as workspace:
            answer = options.run(workspace, options)
    except Failed as failed:
        print(text({"error": failed.error}))
        return 1
    except Exception as error:  # What goes wrong here is told as JSON, too.
        print(text({"error": {"tag": "host", "val": str(error)}}))
        return 1
    print(text(answer))
    # Of `connect`: whether it connects.
    return 0 if getattr(answer, "ready", True) else 1


def parser() -> argparse.ArgumentParser:
    common = argparse.ArgumentParser(add_help=False)
    common.add_argument("data", type=Path, metavar="DATA", help="the directory of the workspace")
    common.add_argument("--allow-loopback", action="store_true", help="a document may name servers on this machine")
    common.add_argument(
        "--component", type=Path, default=os.environ.get("CONNECTOR_WASM", "entra_connector.wasm"),
        help="the connector; else the file that CONNECTOR_WASM names",
    )
    everything = argparse.ArgumentParser(prog="contact_host", description=__doc__)
    commands = everything.add_subparsers(required=True)

    def command(name: str, run) -> argparse.ArgumentParser:
        added = commands.add_parser(name, parents=[common])
        added.set_defaults(run=run)
        return added

    connecting = command("connect", connect)
    connecting.add_argument("document", type=Path, metavar="DOCUMENT.json")
    connecting.add_argument("--secret", action="append", default=[], metavar="NAME=FILE")
    command("plan", plan).add_argument("--full", action="store_true")
    syncing = command("sync", sync)
    syncing.add_argument("--full", action="store_true")
    undoing = command("undo", undo)
    undoing.add_argument("undone", metavar="RUN")
    for each in (syncing, undoing):
        each.add_argument("--approve", metavar="DIGEST")
        each.add_argument("--slice-ms", type=int, default=SLICE_MS)
    command("report", report)
    return everything


def connect(workspace: Workspace, options):
    """What does not connect replaces nothing; where nothing is saved, it is there for the next try."""
    for secret in options.secret:
        name, _, file = secret.partition("=")
        workspace.offer_secret(name, Path(file))
    document = options.document.read_text("utf-8-sig")
    with workspace.alone("connect"):
        found = workspace.call("configure", document)
        if found.ready or workspace.saved() is None:
            workspace.save(document)
    return found


def plan(workspace: Workspace, options):
    with workspace.alone("plan"):
        return planned(workspace, "plan", workspace.document, mode(options))


def sync(workspace: Workspace, options):
    with workspace.alone("sync"):
        kept = options.approve and plan_sink.kept(workspace.database, options.approve)
        if options.approve and kept is None:
            raise LookupError(f"No plan is kept under {options.approve}: plan again.")
        request = {
            "mode": json.loads(kept)["mode"] if kept else mode(options),
            "trigger": "manual",
            "approval": Variant("plan", options.approve) if options.approve else None,
        }
        return in_slices(workspace, options, request, "sync")


def undo(workspace: Workspace, options):
    with workspace.alone("undo"):
        if options.approve is None:
            return planned(workspace, "plan-undo", workspace.document, options.undone, interface="trust")
        request = {"run": options.undone, "approved": options.approve, "trigger": "manual"}
        return in_slices(workspace, options, request, "undo", interface="trust")


def report(workspace: Workspace, _options):
    return workspace.call("report", workspace.document, record({"running": Lease.is_running(workspace.database)}))


def planned(workspace: Workspace, function: str, *arguments, interface: str = "connector"):
    plan_sink.begin(workspace.database)
    made = workspace.call(function, *arguments, interface=interface)
    plan_sink.keep(workspace.database, made.digest, text(made))
    return made


def in_slices(workspace: Workspace, options, request: dict, function: str, interface: str = "connector"):
    """Slice after slice, each in a fresh instance, until the run is over or somebody wants it to end."""
    bounds = record({"max-pages": None, "max-ms": options.slice_ms})
    while True:
        result = workspace.call(
            function, workspace.document, record({**request, "slice": bounds}), interface=interface
        )
        # `slice-end` comes without a `Variant`: a number is `more`, and `None` is `finished`.
        wait_ms = result.end
        result.end = Variant("finished") if wait_ms is None else Variant("more", wait_ms)
        if wait_ms is None:
            return result
        workspace.rest(wait_ms)
        if workspace.is_to_stop:
            return result


def mode(options) -> str:
    return "full" if options.full else "incremental"


def text(value) -> str:
    """JSON with the contract's names in camel case; what is none is left out."""
    return json.dumps(value, default=told, ensure_ascii=False)


def told(value):
    if isinstance(value, Record):
        return {camel_case(name): held for name, held in vars(value).items() if held is not None}
    if isinstance(value, Variant):
        return {"tag": value.tag} | ({} if value.payload is None else {"val": value.payload})
    raise TypeError(f"{type(value)} is no value of the contract")


def camel_case(name: str) -> str:
    first, *others = name.split("-")
    return first + "".join(map(str.capitalize, others))


if __name__ == "__main__":
    sys.exit(main())
