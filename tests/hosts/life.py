"""The life of a workspace in a host of another language, by its command.

    life.py COMMAND...

The environment says where the tenant is and what another host planned: EMULATOR_URL, TENANT_ID, CLIENT_ID,
CLIENT_SECRET, PEOPLE, DIGEST. Needs nothing but Python: the contacts of these hosts are plain tables.
"""

import json
import os
import shutil
import signal
import sqlite3
import subprocess
import sys
import tempfile
import time
import urllib.request
from contextlib import closing
from pathlib import Path

COMMAND = sys.argv[1:]
EMULATOR = os.environ["EMULATOR_URL"].removesuffix("/")
PEOPLE = int(os.environ["PEOPLE"])
DIGEST = os.environ["DIGEST"]
SECRET = os.environ["CLIENT_SECRET"]
FOLDER = Path(tempfile.mkdtemp(prefix="host-"))
DATA = FOLDER / "data"
BEGAN = time.monotonic()


def ok(sentence: str) -> None:
    print(f"ok - {sentence} ({time.monotonic() - BEGAN:.1f} s)", flush=True)


def start(*arguments: str, leave: bool = True) -> subprocess.Popen:
    command = [*COMMAND, arguments[0], str(DATA), *arguments[1:], *(["--allow-loopback"] if leave else [])]
    return subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)


def run(*arguments: str, code: int = 0, leave: bool = True) -> dict:
    process = start(*arguments, leave=leave)
    out, err = process.communicate()
    assert SECRET not in out + err, "the secret was printed"
    assert process.returncode == code, f"{arguments} ended with {process.returncode}: {out}\n{err[-2000:]}"
    return json.loads(out)


def emulator(method: str, path: str, body=None):
    data = None if body is None else json.dumps(body).encode()
    request = urllib.request.Request(
        f"{EMULATOR}/emulator{path}", data=data, method=method, headers={"content-type": "application/json"}
    )
    with urllib.request.urlopen(request) as response:
        text = response.read()
    return json.loads(text) if text else None


def query(sql: str, *values):
    with closing(sqlite3.connect(DATA / "contacts.db", timeout=10)) as database:
        rows = database.execute(sql, values).fetchall()
        database.commit()
    return rows


def one(sql: str, *values):
    [[value]] = query(sql, *values)
    return value


def counts(result: dict) -> dict:
    return {name: count for name, count in result["run"]["counts"].items() if count}


def company(user: str) -> str | None:
    fields = one("SELECT c.fields FROM links l JOIN contacts c ON c.id = l.contact WHERE l.object_id = ?", user)
    return json.loads(fields).get("company")


def write_document() -> None:
    # As an editor on Windows writes it.
    (FOLDER / "secret.txt").write_text(f"\ufeff{SECRET}\r\n", "utf-8")
    document = {
        "tenant": {"id": os.environ["TENANT_ID"]},
        "credentials": {"clientId": os.environ["CLIENT_ID"], "secret": "client-secret"},
        "endpoints": {"login": EMULATOR, "graph": EMULATOR},
        "sync": {"preset": "mirror"},
    }
    (FOLDER / "connector.json").write_text(json.dumps(document))
    (FOLDER / "other.json").write_text(json.dumps(document, indent=2))


def refuses_what_a_command_does_not_take() -> None:
    for command, *words in (
        ("connect",),
        ("connect", "connector.json", "--full"),
        ("plan", "--approve", "0" * 64),
        ("sync", "0" * 64),
        ("sync", "--slice-ms", "abc"),
        ("undo",),
        ("undo", "run", "0" * 64),
        ("report", "--full"),
        ("toString",),
    ):
        process = start(command, *words)
        out, err = process.communicate()
        assert process.returncode == 2, f"{command} {words} ended with {process.returncode}: {out}\n{err[-2000:]}"
    assert not DATA.exists(), "a command that is wrong wrote something"
    ok("words and options that a command does not take are refused")


def connects() -> None:
    arguments = ("connect", str(FOLDER / "connector.json"), "--secret", f"client-secret={FOLDER / 'secret.txt'}")
    emulator("DELETE", "/requests")
    refused = run(*arguments, leave=False, code=1)
    assert refused["error"]["tag"] == "invalid-configuration", refused
    assert emulator("GET", "/requests") == [], "something was asked without leave"
    report = run(*arguments)
    assert report["ready"] and report["tenantName"] == "Contoso", report
    given = [json.loads(line)["given"] for line in (DATA / "audit.jsonl").read_text().splitlines()]
    assert given == ["client-secret"], given
    ok("a document reaches this machine with leave alone, and connects")


def saved() -> tuple:
    """The document and the secret, as they are kept."""
    documents = query("SELECT value FROM settings WHERE name = 'document'")
    return documents, (DATA / "secrets" / "client-secret").read_bytes()


def keeps_what_connects() -> None:
    (FOLDER / "wrong.txt").write_text("a secret that nobody accepts")
    (FOLDER / "broken.json").write_text("{")
    wrong = ("--secret", f"client-secret={FOLDER / 'wrong.txt'}")
    before = saved()
    report = run("connect", str(FOLDER / "other.json"), *wrong, code=1)
    assert not report["ready"] and report["checks"], report
    assert saved() == before, "what does not connect replaced what does"
    refused = run("connect", str(FOLDER / "broken.json"), *wrong, code=1)
    assert refused["error"]["tag"] == "invalid-configuration", refused
    assert saved() == before, "a document that is refused replaced another"

    query("DELETE FROM settings WHERE name = 'document'")
    run("connect", str(FOLDER / "broken.json"), *wrong, code=1)
    assert saved() == ([], before[1]), "a document that is refused was saved"
    run("connect", str(FOLDER / "other.json"), *wrong, code=1)
    assert saved() != before and saved()[0], "where nothing was saved, what is to be mended was not"
    right = ("--secret", f"client-secret={FOLDER / 'secret.txt'}")
    assert run("connect", str(FOLDER / "connector.json"), *right)["ready"]
    assert saved() == before
    ok("what does not connect replaces no document and no secret")


def waits_for_whoever_works() -> None:
    in_an_hour = time.time_ns() // 1_000_000 + 3_600_000
    query(
        "UPDATE lease SET token = token + 1, task = 'sync', process = 1, machine = 'elsewhere', since_ms = 0, expires_at_ms = ?",
        in_an_hour,
    )
    refused = run("plan", code=1)
    assert "`sync` in process 1 on elsewhere" in refused["error"]["val"], refused
    before = saved()
    refused = run("connect", str(FOLDER / "other.json"), code=1)
    assert "`sync` in process 1 on elsewhere" in refused["error"]["val"], refused
    assert saved() == before, "a document was saved beside whoever works"
    assert run("report")["status"] == "syncing"
    query("UPDATE lease SET task = NULL")
    ok("a lease that somebody else holds is respected, and its holder named")


def plans_the_same_bytes() -> None:
    plan = run("plan", "--full")
    assert plan["digest"] == DIGEST, f"{plan['digest']}, and another host planned {DIGEST}"
    assert one("SELECT count(*) FROM contacts") == 0, "a plan wrote contacts"
    ok("a plan has the digest that another host planned")


def reading(process: subprocess.Popen, people: int) -> None:
    """Waits until so many people are read."""
    for line in process.stderr:
        told = json.loads(line)
        if told.get("phase") == "reading" and told["done"] >= people:
            return
    raise AssertionError(f"it ended before {people} people were read: {process.communicate()}")


def survives_a_kill() -> None:
    process = start("sync")
    reading(process, PEOPLE // 4)
    process.send_signal(signal.SIGKILL)
    process.communicate()
    made = one("SELECT count(*) FROM contacts")
    assert 0 < made < PEOPLE, made

    process = start("sync", "--slice-ms", "200")
    reading(process, PEOPLE // 4)
    process.terminate()
    out, err = process.communicate()
    assert process.returncode == 0, f"{out}\n{err[-2000:]}"
    ended = json.loads(out)
    assert ended["end"]["tag"] == "more" or ended["run"]["status"] == "stopped", ended["run"]
    assert one("SELECT count(*) FROM contacts") < PEOPLE

    result = run("sync")
    assert result["end"]["tag"] == "finished" and result["run"]["counts"]["failed"] == 0, result
    assert one("SELECT count(*) FROM contacts") == PEOPLE
    assert one("SELECT count(DISTINCT object_id) FROM links") == PEOPLE
    assert one("SELECT count(*) FROM journal") == PEOPLE
    ok(f"a first sync that is killed after {made} of {PEOPLE} people, and stopped once, makes nobody twice")


def changes_nothing() -> None:
    result = run("sync")
    assert counts(result) == {}, result["run"]
    # A token, and two pages at most.
    assert result["run"]["requests"] <= 3, result["run"]
    assert one("SELECT count(*) FROM journal") == PEOPLE
    ok("a second sync changes nothing")


def takes_an_edit(user: str) -> tuple[str, str | None]:
    before = company(user)
    emulator("PATCH", f"/users/{user}", {"companyName": "Edited at Microsoft"})
    result = run("sync")
    assert counts(result) == {"processed": 1, "updated": 1}, result["run"]
    assert company(user) == "Edited at Microsoft"
    ok("an edit in the directory arrives")
    return result["run"]["id"], before


def takes_away_with_evidence(user: str) -> None:
    emulator("DELETE", f"/users/{user}")
    result = run("sync")
    assert counts(result) == {"processed": 1, "removed": 1}, result["run"]
    [[effect, evidence]] = query("SELECT effect, evidence FROM journal WHERE run = ?", result["run"]["id"])
    assert effect in {"unlink", "delete"} and "deleted-soft" in evidence, (effect, evidence)
    ok("who is gone is taken away, with evidence")


def leaves_what_was_edited_meanwhile(user: str) -> None:
    emulator("PATCH", f"/users/{user}", {"companyName": "Planned"})
    plan = run("plan")
    query(
        """UPDATE contacts SET version = version + 1, fields = json_set(fields, '$.company', 'By hand')
           WHERE id = (SELECT contact FROM links WHERE object_id = ?)""",
        user,
    )
    result = run("sync", "--approve", plan["digest"])
    assert result["run"]["approved"] == {"digest": plan["digest"], "changes": 1, "performed": 0}, result["run"]
    assert company(user) == "By hand"
    ok("an approved change of a contact that has another version by now is not made")


def takes_a_run_back(run_id: str, user: str, before: str | None) -> None:
    plan = run("undo", run_id)
    assert company(user) == "Edited at Microsoft", "a plan wrote a contact"
    result = run("undo", run_id, "--approve", plan["digest"])
    assert counts(result) == {"processed": 1, "updated": 1}, result["run"]
    assert company(user) == before
    ok("a run is taken back")


def tells_how_it_stands() -> None:
    overview = run("report")
    assert overview["activeRecords"] == PEOPLE - 1, overview["activeRecords"]
    assert len(overview["history"]) >= 5, overview["history"]
    assert overview["status"] != "syncing", overview["status"]
    ok("a report tells of all runs")


write_document()
refuses_what_a_command_does_not_take()
connects()
keeps_what_connects()
waits_for_whoever_works()
plans_the_same_bytes()
survives_a_kill()
changes_nothing()
EDITED, GONE, BY_HAND = (row[0] for row in query("SELECT object_id FROM links ORDER BY object_id LIMIT 3"))
RUN, BEFORE = takes_an_edit(EDITED)
takes_away_with_evidence(GONE)
leaves_what_was_edited_meanwhile(BY_HAND)
takes_a_run_back(RUN, EDITED, BEFORE)
tells_how_it_stands()
# Where something was wrong, what it left is there to be looked at.
shutil.rmtree(FOLDER)
