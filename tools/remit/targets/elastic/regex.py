"""Regular expressions for Lucene, whose expressions are automata over the whole value.

They have no anchors, no flags and no word boundaries; a dot takes a newline too ("Regular expression syntax", and run).
Everything that can be said without those is translated, the rest is refused by name.
"""

from __future__ import annotations

from remit.targets.elastic import automaton
from remit.targets.elastic.charsets import Ranges, accepted, spelled, union
from remit.targets.elastic.fields import HUNT, Unsayable
from remit.targets.regex import At, Category, Char, Dot, Either, Regex, Repeat, Seq, Set, Unsupported, parse

MOST = 1000
"""Characters: `index.max_regex_length`, which a longer expression runs into."""
_MOST_BRANCHES = 50
_WORD = "A-Za-z0-9_"
_WORDS: Ranges = accepted(Category("w"), frozenset())


def translated(text: str, flags: frozenset[str]) -> str:
    """Return the Lucene expression, without slashes, that a whole value fits if `text` is found in it.

    Raises `Unsayable`."""
    try:
        tree, flags = parse(text, flags)
        branches = [_branch(parts, flags) for parts in _branches(tree)]
    except (Unsupported, ValueError) as error:
        raise _refusal(str(error)) from None
    found = branches[0] or "()" if len(branches) == 1 else "|".join(f"({branch})" for branch in branches)
    checked(found)
    if not automaton.affordable(tree, flags):
        raise _refusal("so many counted repetitions that the server gives up")
    return found


def checked(regex: str) -> str:
    """Return the expression if the server takes one of this length."""
    if len(regex) > MOST:
        raise Unsayable("long text", f"it takes a regular expression of over {MOST} characters")
    return regex


def _refusal(what: str) -> Unsayable:
    return Unsayable("re", f"{what} has no equivalent in Lucene, whose expressions are automata over the value", HUNT)


def _branches(tree: Regex) -> list[list[Regex]]:
    """Return the alternatives as sequences, each place (`^`, `$`, `\\b`) at the edge of one where that is possible."""
    found = [_parts(tree)]
    done: list[list[Regex]] = []
    while found:
        parts = found.pop(0)
        split = next((at for at in (0, len(parts) - 1) if parts and _splits(parts[at])), None)
        if split is None:
            done.append(parts)
            continue
        alternatives = parts[split]
        assert isinstance(alternatives, Either)  # noqa: S101 - what splits is one
        found[:0] = [parts[:split] + _parts(arg) + parts[split + 1 :] for arg in alternatives.args]
        if len(found) + len(done) > _MOST_BRANCHES:
            raise Unsupported("so many alternatives with anchors")
    return done


def _splits(part: Regex) -> bool:
    return isinstance(part, Either) and _has_place(part)


def _parts(tree: Regex) -> list[Regex]:
    return list(tree.args) if isinstance(tree, Seq) else [tree]


def _has_place(tree: Regex) -> bool:
    match tree:
        case At():
            return True
        case Repeat(arg):
            return _has_place(arg)
        case Seq(args) | Either(args):
            return any(_has_place(arg) for arg in args)
        case _:
            return False


def _branch(parts: list[Regex], flags: frozenset[str]) -> str:
    first: At | None = None
    last: At | None = None
    if parts and isinstance(parts[0], At) and not (len(parts) == 1 and parts[0].place in ("end", "line_end")):
        first, parts = parts[0], parts[1:]
    if parts and isinstance(parts[-1], At):
        last, parts = parts[-1], parts[:-1]
    inside = "".join(_text(part, flags, grouped=isinstance(part, Either)) for part in parts)
    before = _edge(first, parts[0] if parts else None, flags, leading=True)
    after = _edge(last, parts[-1] if parts else None, flags, leading=False)
    return f"{before}{inside}{after}" if inside or before != after else before


def _edge(at: At | None, neighbor: Regex | None, flags: frozenset[str], *, leading: bool) -> str:
    """Return what may stand before the first or after the last step."""
    if at is None:
        return ".*"
    match at.place:
        case "start" if leading:
            return ""
        case "end" if not leading:
            return ""
        case "line_start" if leading:
            return "(.*\n)?"
        case "line_end" if not leading:
            return "(\n.*)?"
        case "word" | "no_word":
            return _word_edge(at.place == "word", neighbor, flags, leading=leading)
        case _:
            raise Unsupported("an anchor where it can never hold")


def _word_edge(boundary: bool, neighbor: Regex | None, flags: frozenset[str], *, leading: bool) -> str:
    """A boundary beside a step that is surely a word character, or surely none."""
    kind = _is_word(neighbor, flags)
    if kind is None:
        raise Unsupported("a word boundary beside something that may be both")
    other_is_word = kind is not boundary
    other = f"[{_WORD}]" if other_is_word else f"[^{_WORD}]"
    text = f".*{other}" if leading else f"{other}.*"
    # Outside the value there is no word character.
    return text if other_is_word else f"({text})?"


def _is_word(step: Regex | None, flags: frozenset[str]) -> bool | None:
    if isinstance(step, Repeat) and step.least > 0:
        step = step.arg
    if not isinstance(step, (Char, Category, Set)):
        return None
    characters = accepted(step, flags)
    if union([*characters, *_WORDS]) == _WORDS:
        return True
    apart = all(last < low or high < first for first, last in characters for low, high in _WORDS)
    return False if apart else None


def _text(tree: Regex, flags: frozenset[str], *, grouped: bool = False) -> str:
    match tree:
        case Char() | Dot() | Category() | Set():
            return spelled(accepted(tree, flags))
        case Repeat(arg, least, most):
            single = isinstance(arg, (Char, Dot, Category, Set))
            inside = _text(arg, flags)
            return f"{inside if single else f'({inside})'}{_counts(least, most)}"
        case Seq(args):
            return "".join(_text(arg, flags, grouped=isinstance(arg, Either)) for arg in args)
        case Either(args):
            inside = "|".join(_text(arg, flags) or "()" for arg in args)
            return f"({inside})" if grouped else inside
        case At():
            raise Unsupported("an anchor or word boundary in the middle")


def _counts(least: int, most: int | None) -> str:
    simple = {(0, None): "*", (1, None): "+", (0, 1): "?"}
    if (found := simple.get((least, most))) is not None:
        return found
    if least == most:
        return f"{{{least}}}"
    return f"{{{least},{'' if most is None else most}}}"
