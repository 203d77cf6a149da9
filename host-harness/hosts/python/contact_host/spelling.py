"""When two spellings are one address, or one list, as the contract defines it."""

import unicodedata


def match_key(address: str) -> str:
    """The form in which addresses are compared."""
    key = folded(address)
    local, at, domain = key.rpartition("@")
    if not at or (key.isascii() and "xn--" not in key):
        return key
    labels = unicodedata.normalize("NFC", domain).split(".")
    return f"{local}@{'.'.join(map(decoded, labels))}"


def list_key(name: str) -> str:
    """The form in which names of lists are compared."""
    return " ".join(folded(unicodedata.normalize("NFC", name)).split())


def folded(text: str) -> str:
    """Without regard to case, to what is not seen, and to white space around it."""
    if text.isascii():
        return text.strip().lower()
    seen = "".join(character for character in text if not is_invisible(character))
    return "".join(map(folded_character, seen.strip()))


def is_invisible(character: str) -> bool:
    """Category Cf, variation selectors, and what a picture leaves behind."""
    return (
        unicodedata.category(character) == "Cf"
        or character == "\ufffc"
        or "\ufe00" <= character <= "\ufe0f"
        or "\u180b" <= character <= "\u180f"
        or "\U000e0100" <= character <= "\U000e01ef"
    )


def folded_character(character: str) -> str:
    """Unicode's simple case folding: by way of the capital, where that is one character."""
    # The one letter whose capital belongs to another letter.
    if character == "ı":
        return character
    capital = character.upper() if len(character.upper()) == 1 else character
    return capital.lower() if len(capital.lower()) == 1 else capital


def decoded(label: str) -> str:
    """A label of a domain as people read it."""
    if not label.startswith("xn--"):
        return label
    try:
        return label.removeprefix("xn--").encode("ascii").decode("punycode") or label
    except UnicodeError:
        return label
