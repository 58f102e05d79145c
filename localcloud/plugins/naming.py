"""Physical names for resources whose program gives none, as the real provider makes them: the logical name and a few
random characters, kept from then on."""

import hashlib
from dataclasses import dataclass

from localcloud.engine.values import UNKNOWN, Props
from localcloud.plugins.checking import Failure, unwrapped
from localcloud.plugins.facts import Naming

DEFAULTS = "__defaults"
"""The input in which the provider notes which inputs it filled in itself."""
_HEX, _LETTERS = "0123456789abcdef", "abcdefghijklmnopqrstuvwxyz"


@dataclass(frozen=True)
class Autonaming:
    """What the engine asks for: `proposed` replaces the provider's own name; `disabled` forbids to make one."""

    proposed: str = ""
    disabled: bool = False


def named(
    naming: Naming | None, name: str, seed: bytes, news: Props, olds: Props, asked: Autonaming
) -> tuple[str | None, Failure | None]:
    """The physical name to fill in, if any.

    Args:
        naming: how the type is named; None for a type without a physical name.
        name: the logical name.
        seed: what the random characters are made from.
        news: the inputs the program gives.
        olds: the inputs of the existing resource; a name that was made for it stays.
        asked: what the engine asks for.
    """
    if naming is None or news.get(naming.property) is not None or news.get(f"{naming.property}Prefix") is not None:
        return None, None
    if naming.property in (unwrapped(olds.get(DEFAULTS)) or ()) and olds.get(naming.property) is not None:
        return str(unwrapped(olds[naming.property])), None
    if asked.disabled:
        return None, Failure(naming.property, f"missing required property '{naming.property}': autonaming is disabled")
    made = asked.proposed or _random_name(naming, name, seed)
    if naming.fifo and unwrapped(news.get(naming.fifo)) is True:
        made += ".fifo"
    if naming.prefix and not made.startswith(naming.prefix):
        made = naming.prefix + made
    if len(made) > naming.length:
        return None, Failure(
            naming.property, f"the name '{made}' that was made for it is longer than {naming.length} characters"
        )
    return made, None


def is_explicit(naming: Naming | None, inputs: Props) -> bool:
    """Whether the program itself gave the physical name."""
    if naming is None or unwrapped(inputs.get(naming.property)) in (None, UNKNOWN):
        return False
    return naming.property not in (unwrapped(inputs.get(DEFAULTS)) or ())


def _random_name(naming: Naming, name: str, seed: bytes) -> str:
    base = name.lower() if naming.lower else name
    if not naming.random:
        return base
    alphabet, length = (_LETTERS, 8) if naming.letters else (_HEX, 7)
    digest = hashlib.sha256(seed).digest()
    return base + naming.separator + "".join(alphabet[byte % len(alphabet)] for byte in digest[:length])
