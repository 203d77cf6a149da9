"""How values of the contract stand in Python.

wasmtime-py gives a record as an object whose attributes are spelt as in the contract, with hyphens, and a
variant as a `Variant` with `tag` and `payload`. Where the cases of a variant are told apart by their type
alone, there is no `Variant`: an option is `None` or the value, `result<list, store-error>` a list or a
`Variant`.
"""

from functools import cached_property

from wasmtime.component import Record, Variant
from wasmtime.component import _types

__all__ = ["Record", "Variant", "record", "remember_types"]


def record(values: dict) -> Record:
    """A record with these fields, named as in the contract."""
    made = Record()
    made.__dict__ = values
    return made


def remember_types() -> None:
    """Lets each type ask the engine once what it consists of.

    wasmtime-py 50 asks for every record that crosses the boundary, and again for what is in its fields: of the
    processor time of a first sync, more than two fifths went there.
    """
    for kind, names in (
        (_types.RecordType, ["fields"]),
        (_types.ListType, ["element"]),
        (_types.VariantType, ["cases"]),
        (_types.OptionType, ["payload"]),
        (_types.ResultType, ["ok", "err"]),
    ):
        for name in names:
            remembered = cached_property(getattr(kind, name).fget)
            remembered.__set_name__(kind, name)
            setattr(kind, name, remembered)
    for kind in (_types.VariantType, _types.OptionType, _types.ResultType):
        setattr(kind, "_tagged", remembering(kind._tagged))


def remembering(method):
    """A method without arguments whose answer stays the same."""
    name = f"remembered{method.__name__}"

    def remembered(self):
        if name not in self.__dict__:
            self.__dict__[name] = method(self)
        return self.__dict__[name]

    return remembered
