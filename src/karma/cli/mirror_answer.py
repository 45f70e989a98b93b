"""What `karma mirror` says to a person: the team's shares in sentences, and the mirrors it was asked for."""

from typing import Any

from karma.cli import output
from karma.cli.language import _, language
from karma_core.mirror import Block, Mirror, PersonMirror, Share
from karma_core.mirror.naming import meaning


def tell_mirror(said: Mirror) -> None:
    """Say the shares, then the mirrors in order of the input, then what this rests on."""
    blocks = [(_("Won or lost"), said.won), (_("Margin per won deal"), said.margin)]
    blocks.append((_("Margin lost after the signature"), said.lost_after_signature))
    for title, block in blocks:
        if block:
            _tell_block(title, block)
    notes = [
        _("{n} closed deals; {open} are still open and left out.").format(n=said.won.n, open=said.open_left_out)
    ]
    notes += [warning.say(language()) for warning in said.warnings]
    for title, block in blocks:
        before = "" if block is said.won else f"{title}: "
        notes += [before + warning.say(language()) for warning in block.warnings] if block else []
    notes += [_("Not used: {reason}").format(reason=r.reason.say(language())) for r in said.refused]
    output.tell_notes(_("What this rests on"), list(dict.fromkeys(notes)))


def _tell_block(title: str, block: Block) -> None:
    output.answer.print(f"\n{title}", style="bold", markup=False)
    if block.shares:
        shares = block.shares
        output.answer.print(_("Where the differences between deals come from:"), markup=False)
        parts = {_("the person"): shares.person, **{_named(n): s for n, s in shares.mix.items()}}
        for name, share in parts.items():
            output.answer.print(_("- {name}: {share}").format(name=name, share=in_percent(share)), markup=False)
        said = _("- chance, or what these columns do not show: {share}").format(share=in_percent(shares.chance))
        output.answer.print(said, markup=False)
    for person in block.people:
        _tell_person(person, is_named=len(block.people) > 1)


def _tell_person(person: PersonMirror, *, is_named: bool) -> None:
    output.answer.print(f"\n{person.person}" if is_named else "", style="bold", markup=False)
    output.answer.print(person.sentence.say(language()), markup=False)


def _named(column: str) -> str:
    said = meaning(column).say(language())
    return said if f'"{column}"' in said else f"{said} ({column})"


def in_percent(share: Share) -> str:
    """A share with its range; fewer words where the range is narrower than a percentage can say."""
    parts = {name: round(100 * getattr(share, name)) for name in ("value", "low", "high")}
    if not parts["high"]:
        return _("less than 1%")
    if parts["low"] == parts["high"]:
        return _("about {value}%, to within half a percent").format(value=parts["value"])
    return _("about {value}% (between {low} and {high}%)").format(**parts)


def tell_fit(document: dict[str, Any]) -> None:
    """The fit in the order of lme4's summary: log-likelihood, spreads, coefficients."""
    output.answer.print(
        f"{document['family']}, {document['method'].upper()}, n = {document['n']}, "
        f"log-likelihood {document['log_likelihood']:.4f}",
        markup=False,
    )
    for name, value in document["sd"].items():
        output.answer.print(f"  sd {name}  {value:.5f}", markup=False)
    for name, value in document["correlations"].items():
        output.answer.print(f"  correlation {name}  {value:.3f}", markup=False)
    for name, value in document["coefficients"].items():
        error = document["standard_errors"][name]
        output.answer.print(f"  {name}  {value:.5f}  ({error:.5f})", markup=False)
    output.tell_notes(_("What this rests on"), document["warnings"])
