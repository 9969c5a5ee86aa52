"""How one column bears on another: its value goes in, or it only decides, filters, joins, groups or orders.

Belongs here: reading that from the place a column has in an expression. The kinds are those of OpenLineage's column
lineage facet (https://openlineage.io/docs/spec/facets/dataset-facets/column_lineage_facet). Which column it is:
:mod:`orchestration.lineage.column_lineage`.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from sqlglot import exp


class Kind(StrEnum):
    """OpenLineage's subtypes of a transformation; the first three are direct, the weakest first."""

    IDENTITY = "IDENTITY"
    TRANSFORMATION = "TRANSFORMATION"
    AGGREGATION = "AGGREGATION"
    CONDITIONAL = "CONDITIONAL"
    FILTER = "FILTER"
    GROUP_BY = "GROUP_BY"
    JOIN = "JOIN"
    SORT = "SORT"
    WINDOW = "WINDOW"


_DIRECT = (Kind.IDENTITY, Kind.TRANSFORMATION, Kind.AGGREGATION)
_HASHES = (exp.MD5, exp.MD5Digest, exp.MD5NumberLower64, exp.MD5NumberUpper64, exp.SHA, exp.SHA2)
_HASH_NAMES = frozenset({"hash", "md5_number", "md5_number_lower", "md5_number_upper", "sha1", "sha256"})
_TRANSPARENT = (
    exp.Alias,
    exp.Paren,
    exp.Tuple,
    exp.Ordered,
    exp.Select,
    exp.Subquery,
    exp.Window,
    exp.Filter,
)
_PLACES: dict[type[exp.Expr], Kind] = {
    exp.Join: Kind.JOIN,
    exp.Group: Kind.GROUP_BY,
    exp.Order: Kind.SORT,
    exp.Having: Kind.FILTER,
    exp.Qualify: Kind.FILTER,
}


@dataclass(frozen=True, order=True)
class Influence:
    """One way in which a column bears on another. ``is_masked``: the value can't be read from the result.

    So it is with a hash and with a count, as OpenLineage's facet has it.
    """

    kind: Kind
    is_masked: bool = False

    @property
    def is_direct(self) -> bool:
        """Whether the value itself goes in."""
        return self.kind in _DIRECT

    def after(self, inner: Influence) -> Influence:
        """This influence upon what the inner one gave: what is indirect stays so, else the stronger counts."""
        is_masked = self.is_masked or inner.is_masked
        if self.is_direct and inner.is_direct:
            return Influence(max(self.kind, inner.kind, key=_DIRECT.index), is_masked)
        return Influence(inner.kind if self.is_direct else self.kind, is_masked)


AS_IT_IS = Influence(Kind.IDENTITY)


def influence_of(column: exp.Expr, expression: exp.Expr) -> Influence:
    """How the column, somewhere in the expression, bears on the expression's result."""
    found, node = AS_IT_IS, column
    while node is not expression and node.parent is not None:
        found = _step(node, node.parent).after(found)
        node = node.parent
    return found


def _step(node: exp.Expr, parent: exp.Expr) -> Influence:
    """How a part of an expression bears on the expression right around it."""
    if isinstance(parent, exp.Where):
        return _condition(parent.parent)
    if type(parent) in _PLACES:
        return Influence(_PLACES[type(parent)])
    if isinstance(parent, exp.Window) and node.arg_key != "this":
        return Influence(Kind.WINDOW)
    if isinstance(parent, exp.Case | exp.If) and node.arg_key == "this":
        return Influence(Kind.CONDITIONAL)
    if isinstance(parent, _TRANSPARENT):
        return AS_IT_IS
    return Influence(_applied(parent), _is_masking(parent))


def _condition(owner: exp.Expr | None) -> Influence:
    """A condition filters; but a count of all rows under one counts the very values of the condition."""
    if isinstance(owner, exp.Filter) and isinstance(owner.this, exp.Count) and owner.this.find(exp.Star):
        return Influence(Kind.AGGREGATION, is_masked=True)
    return Influence(Kind.FILTER)


def _applied(parent: exp.Expr) -> Kind:
    return Kind.AGGREGATION if isinstance(parent, exp.AggFunc) else Kind.TRANSFORMATION


def _is_masking(parent: exp.Expr) -> bool:
    named = parent.name.lower() if isinstance(parent, exp.Anonymous) else ""
    return isinstance(parent, (*_HASHES, exp.Count)) or named in _HASH_NAMES
