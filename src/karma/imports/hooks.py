"""What later apps do when an import has changed the facts: imports themselves know none of them."""

from collections.abc import Callable

Hook = Callable[[], object]
HOOKS: list[Hook] = []


def after_import(hook: Hook) -> None:
    """Call `hook` in the transaction in which a run is done or taken back."""
    HOOKS.append(hook)


def facts_changed() -> None:
    """Call every hook."""
    for hook in HOOKS:
        hook()
