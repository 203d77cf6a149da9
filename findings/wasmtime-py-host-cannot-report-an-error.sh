#!/usr/bin/env bash
# A host in Python cannot report an error from a function of the type that wasi:keyvalue uses for
# "get".
#
# Versions: wasmtime 50.0.1 (PyPI).
# Expected: a function of type result<option<list<u8>>, error> that is written in Python can return
#   each of "bytes", "nothing" and "an error"; the package's Variant class exists for cases that
#   Python's own types do not tell apart.
# What happens: "bytes" and "nothing" arrive. An error is refused on the host's side before the
#   component hears of it: "value not valid for this variant", whether it is given as the error,
#   in Variant("err", ...) or otherwise. The absence of a value counts as "any object", so each
#   error is taken for the option's business. Without the option, result<list<u8>, error> works.
# Why it matters: "a value, or none, or the store is down" is the natural shape for reading state.
#   In a host written in Python a store that is down becomes a failed call of the component instead
#   of an error it could handle; an interface meant for many hosts is better off with a variant of
#   its own.
# Date seen: 2026-11-27
# Output seen:
#   result<option<list<u8>>, error>: bytes -> ok; None -> ok; Variant('other', 'down') -> ValueError; Variant('err', Variant('other', 'down')) -> ValueError
#   result<list<u8>, error>:         bytes -> ok; Variant('other', 'down') -> err
set -euo pipefail
tmp=$(mktemp -d)
trap 'rm -rf "$tmp"' EXIT
could_not_install() { echo "The packages could not be installed; nothing was checked." >&2; exit 2; }

python3 -m venv "$tmp/venv"
"$tmp/venv/bin/pip" install --quiet --no-compile --disable-pip-version-check wasmtime==50.0.1 || could_not_install

cat > "$tmp/check.py" <<'PY'
import sys
from wasmtime import Engine, Store
from wasmtime.component import Component, Linker, Variant

# Calls "get" and returns the first byte of what came back: 0 for ok, 1 for err.
text = """(component
  (import "demo:state/store" (instance $store
    (type $e (variant (case "no-such-store") (case "access-denied") (case "other" string)))
    (export "error" (type $error (eq $e)))
    (export "get" (func (param "key" u32) (result (result %s (error $error)))))))
  (core module $memory
    (memory (export "memory") 1)
    (global $next (mut i32) (i32.const 1024))
    (func (export "realloc") (param i32 i32 i32 i32) (result i32)
      (local $at i32)
      (local.set $at (i32.and (i32.add (global.get $next) (i32.const 7)) (i32.const -8)))
      (global.set $next (i32.add (local.get $at) (local.get 3)))
      (local.get $at)))
  (core instance $memory (instantiate $memory))
  (alias export $store "get" (func $get))
  (core func $get (canon lower (func $get)
    (memory (core memory $memory "memory")) (realloc (core func $memory "realloc"))))
  (core module $main
    (import "host" "get" (func $get (param i32 i32)))
    (import "host" "memory" (memory 1))
    (func (export "run") (result i32)
      (call $get (i32.const 7) (i32.const 64))
      (i32.load8_u (i32.const 64))))
  (core instance $main (instantiate $main (with "host" (instance
    (export "get" (func $get))
    (export "memory" (memory $memory "memory"))))))
  (func (export "run") (result u32) (canon lift (core func $main "run"))))"""

def attempt(value_type, answer):
    engine = Engine()
    store = Store(engine)
    linker = Linker(engine)
    with linker.root() as root, root.add_instance("demo:state/store") as instance:
        instance.add_func("get", lambda _store, _key: answer)
    component = linker.instantiate(store, Component(engine, text % value_type))
    try:
        return ("ok", "err")[component.get_func(store, "run")(store)]
    except ValueError as error:
        assert str(error) == "value not valid for this variant", error
        return "ValueError"

down = Variant("other", "down")
with_option = "; ".join([
    f"bytes -> {attempt('(option (list u8))', b'abc')}",
    f"None -> {attempt('(option (list u8))', None)}",
    f"Variant('other', 'down') -> {attempt('(option (list u8))', down)}",
    f"Variant('err', Variant('other', 'down')) -> {attempt('(option (list u8))', Variant('err', down))}",
])
without = f"bytes -> {attempt('(list u8)', b'abc')}; Variant('other', 'down') -> {attempt('(list u8)', down)}"
print("result<option<list<u8>>, error>:", with_option)
print("result<list<u8>, error>:        ", without)
if with_option != ("bytes -> ok; None -> ok; Variant('other', 'down') -> ValueError; "
                   "Variant('err', Variant('other', 'down')) -> ValueError"):
    sys.exit("Changed: a Python function can now report an error beside an optional value.")
if without != "bytes -> ok; Variant('other', 'down') -> err":
    sys.exit("Changed: a Python function reports an error beside a plain value in another way now.")
PY
"$tmp/venv/bin/python" "$tmp/check.py"
