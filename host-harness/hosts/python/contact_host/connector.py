"""Loads the component: a fresh instance, with nothing but the imports that are given here."""

from pathlib import Path

from wasmtime import Config, Engine, Store, WasiConfig
from wasmtime.component import Component, Linker, ResourceHost, ResourceType

from . import contact_store, edits, journal, notes, plan_sink, rounds, secrets, state
from .boundary import Variant, remember_types
from .failure import answering
from .fields import MAX_BATCH, description

CONTRACT = "contact-sync:connector"
VERSION = "0.2.0"
MAX_MEMORY = 256 << 20
SECRET = 1
"""The number by which the engine knows the type of handles to secrets."""
SIGNER = 2
"""The same of handles to keys; this host keeps none, and gives nobody one."""

remember_types()


class Failed(Exception):
    """What the connector says went wrong: the contract's `error`."""

    def __init__(self, error: Variant):
        super().__init__(error.tag)
        self.error = error


class Connector:
    """A component, compiled once, of which each call gets an instance of its own."""

    def __init__(self, file: Path):
        config = Config()
        # Compiled once for this user of the machine, and not at each start.
        config.cache = True
        self.engine = Engine(config)
        self.component = Component(self.engine, file.read_bytes())

    def call(self, platform, function: str, *arguments, interface: str = "connector"):
        """Calls a function of a fresh instance, and raises what it fails with."""
        store = Store(self.engine)
        store.set_limits(memory_size=MAX_MEMORY)
        wasi = WasiConfig()
        # Of this process it learns nothing; what it prints is not on standard output.
        wasi.inherit_stderr()
        store.set_wasi(wasi)
        store.set_wasi_http()
        linker = Linker(self.engine)
        linker.add_wasip2()
        linker.add_wasi_http()
        with linker.root() as root:
            for name, functions in imports(platform).items():
                with root.add_instance(f"{CONTRACT}/{name}@{VERSION}") as instance:
                    if name == "secrets":
                        instance.add_resource("secret", ResourceType.host(SECRET), lambda _store, _handle: None)
                    if name == "signing":
                        instance.add_resource("signer", ResourceType.host(SIGNER), lambda _store, _handle: None)
                    for each, work in functions.items():
                        instance.add_func(each, work)
        instance = linker.instantiate(store, self.component)
        exported = instance.get_export_index(store, f"{CONTRACT}/{interface}@{VERSION}")
        answer = instance.get_func(store, instance.get_export_index(store, function, exported))(store, *arguments)
        if isinstance(answer, Variant):
            raise Failed(answer)
        return answer


def no_key(*_arguments):
    raise LookupError("this host keeps no keys")


def imports(platform) -> dict:
    """What a platform gives, by the names of the contract."""
    database = platform.database

    def most(limit: int) -> int:
        return min(limit, MAX_BATCH)

    given: list[str] = []

    def get_secret(_store, name: str):
        try:
            given.append(secrets.give(platform.folder, name, platform.offered))
        except secrets.SecretFailure as failure:
            return failure.answer
        return ResourceHost.own(len(given) - 1, SECRET)

    def reveal(store, handle) -> str:
        return given[handle.to_host(store).rep]

    store_functions = {
        "describe": lambda: description(),
        "lookup": lambda query: contact_store.lookup(database, query),
        # The store keeps no marks and says so; whoever asks all the same is told of nobody.
        "same": lambda source, users: [],
        "changed-since": lambda source, token, limit: edits.since(database, source, token, most(limit)),
        "unlinked": lambda source, after, limit, fields: contact_store.unlinked(
            database, source, after, most(limit), fields
        ),
        "apply": lambda commit: contact_store.apply(database, commit),
        "open-round": lambda source, name, resume: rounds.open_round(database, source, name, resume),
        "unseen": lambda source, name, after, limit, fields: rounds.unseen(
            database, source, name, after or "", most(limit), fields
        ),
        "close-round": lambda source, name: rounds.close_round(database, source, name),
        "run-journal": lambda source, run, after, limit: journal.of_run(
            database, source, run, after or "", most(limit)
        ),
        "journal": lambda source, who, limit: journal.about(database, source, who, most(limit)),
        "notes": lambda source, who: notes.about(database, source, who),
        "get-statistics": lambda source, fields: contact_store.statistics(database, source, fields),
    }
    state_functions = {
        "get": lambda key: state.get(database, key),
        "get-many": lambda keys: state.get_many(database, keys),
        "list": lambda prefix, after, limit: state.list_(database, prefix, after, limit),
    }
    plan_functions = {
        "put": lambda entries: plan_sink.put(database, entries),
        "claimed": lambda contacts: plan_sink.claimed(database, contacts),
        "changes": lambda plan, after, limit: plan_sink.changes(database, plan, after, limit),
        "entries": lambda plan, users: plan_sink.entries(database, plan, users),
        "count": lambda: plan_sink.count(database),
    }
    return {
        "contact-store": {name: answering(work) for name, work in store_functions.items()},
        "state": {name: answering(work) for name, work in state_functions.items()},
        "plan-sink": {name: answering(work) for name, work in plan_functions.items()},
        "secrets": {"get": get_secret, "[method]secret.reveal": reveal},
        "signing": {
            "get": lambda _store, _name: Variant("not-found"),
            **dict.fromkeys(
                ("[method]signer.certificate", "[method]signer.chain", "[method]signer.sign"), no_key
            ),
        },
        "run-control": {
            "log": lambda _store, *event: platform.run_control.log(*event),
            "report-progress": lambda _store, progress: platform.run_control.report_progress(progress),
        },
        "consent": {"endpoint": lambda _store, root: platform.consents(root)},
        # Nobody serves an address here: changes are found by the next sync.
        "notification-target": {"address": lambda _store: None},
        "token-cache": {
            "get": lambda _store, issued_for: platform.tokens.get(issued_for),
            "put": lambda _store, issued_for, token: platform.tokens.put(issued_for, token),
        },
    }
