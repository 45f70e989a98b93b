"""Sparse tables are the dense ones, and both are those of dummies and numbers written out."""

import numpy as np
import pytest
from scipy import sparse

from karma_core.effects import crossing as module
from karma_core.effects.coupling import DenseCoupling, Pairs, SparseCoupling, mirrored
from karma_core.effects.crossing import Block, Crossing
from karma_core.errors import FitError

RNG = np.random.default_rng(7)
ROWS, FIRST, SIZES = 60, 9, (4, 5)


def crossed(*, numbers: int = 2, slope: bool = False) -> Crossing:
    codes = [RNG.integers(0, size, ROWS) for size in (FIRST, *SIZES)]
    slopes = RNG.normal(size=(2, ROWS)) if slope else (None, None)
    others = tuple(Block(*each) for each in zip(codes[1:], SIZES, slopes, strict=True))
    return Crossing(Block(codes[0], FIRST), others, RNG.normal(size=(ROWS, numbers)))


def dense(crossing: Crossing) -> np.ndarray:
    blocks = [crossing.first, *crossing.others]
    dummies = [np.eye(b.size)[b.codes] * (1 if b.slope is None else b.slope[:, None]) for b in blocks]
    return np.hstack([*dummies, crossing.numeric])


@pytest.mark.parametrize("weights", [None, RNG.random(ROWS)])
@pytest.mark.parametrize("slope", [False, True])
@pytest.mark.parametrize("numbers", [0, 2])
def test_cross_products_are_those_of_dummies_written_out(weights, slope, numbers):
    crossing = crossed(numbers=numbers, slope=slope)
    table, tables = dense(crossing), crossing.tables(weights)
    wanted = table.T @ (table if weights is None else weights[:, None] * table)
    np.testing.assert_allclose(np.diag(tables.diagonal), wanted[:FIRST, :FIRST], atol=1e-12)
    np.testing.assert_allclose(tables.coupling.table, wanted[:FIRST, FIRST:], atol=1e-12)
    np.testing.assert_allclose(tables.rest, wanted[FIRST:, FIRST:], atol=1e-12)
    assert (crossing.first_size, crossing.rest_size) == (FIRST, 9 + numbers)


@pytest.mark.parametrize("slope", [False, True])
def test_scatter_and_spread_are_products_with_the_dummies(slope):
    crossing = crossed(slope=slope)
    table, values, effects = dense(crossing), RNG.normal(size=ROWS), RNG.normal(size=FIRST + 11)
    np.testing.assert_allclose(np.concatenate(crossing.scatter(values)), table.T @ values)
    np.testing.assert_allclose(crossing.spread(effects[:FIRST], effects[FIRST:]), table @ effects)


@pytest.mark.parametrize("weights", [None, RNG.random(ROWS)])
def test_without_an_eliminated_factor_the_rest_is_all_there_is(weights):
    whole = crossed()
    crossing = Crossing(None, whole.others, whole.numeric)
    table, values = dense(whole)[:, FIRST:], RNG.normal(size=ROWS)
    tables = crossing.tables(weights)
    wanted = table.T @ (table if weights is None else weights[:, None] * table)
    np.testing.assert_allclose(tables.rest, wanted, atol=1e-12)
    assert (tables.diagonal.size, tables.coupling.table.shape, crossing.first_size) == (0, (0, 11), 0)
    zero, rest = crossing.scatter(values)
    assert zero.size == 0
    np.testing.assert_allclose(rest, table.T @ values)
    np.testing.assert_allclose(crossing.spread(zero, values[:11]), table @ values[:11])


def twins(monkeypatch, *, numbers: int, weights: np.ndarray | None = None) -> tuple[SparseCoupling, DenseCoupling]:
    crossing = crossed(numbers=numbers, slope=True)
    wanted = crossing.tables(weights).coupling
    monkeypatch.setattr(module, "DENSE_CELLS", 0)
    found = Crossing(crossing.first, crossing.others, crossing.numeric).tables(weights).coupling
    assert isinstance(found, SparseCoupling)
    assert isinstance(wanted, DenseCoupling)
    return found, wanted


@pytest.mark.parametrize("numbers", [0, 2])
@pytest.mark.parametrize("weights", [None, RNG.random(ROWS)])
def test_every_product_of_a_sparse_table_is_that_of_the_dense_one(monkeypatch, numbers, weights):
    found, wanted = twins(monkeypatch, numbers=numbers, weights=weights)
    width = 9 + numbers
    rest, zero, columns = RNG.normal(size=width), RNG.normal(size=FIRST), RNG.random(width)
    root = RNG.normal(size=(width, width))
    inverse = root @ root.T
    found, wanted = found.scaled(1.7, columns), wanted.scaled(1.7, columns)
    np.testing.assert_allclose(
        wanted.table @ np.eye(width), np.column_stack([found.dot(e) for e in np.eye(width)])
    )
    np.testing.assert_allclose(found.dot(rest), wanted.dot(rest))
    np.testing.assert_allclose(found.tdot(zero), wanted.tdot(zero))
    np.testing.assert_allclose(found.gram(zero**2), wanted.gram(zero**2), atol=1e-12)
    np.testing.assert_allclose(found.gram(zero**2), wanted.table.T @ np.diag(zero**2) @ wanted.table, atol=1e-12)
    np.testing.assert_allclose(found.along(rest[:9]), wanted.table[:, :9] @ rest[:9])
    cells = wanted.table[:, :9] @ inverse[:9, :9]
    np.testing.assert_allclose(found.products(inverse), cells[found.pairs.rows, found.pairs.columns])
    for known in {9, width}:
        leading = inverse[:known, :known]
        slow = np.einsum("ij,jk,ik->i", wanted.table[:, :known], leading, wanted.table[:, :known])
        np.testing.assert_allclose(found.quadratic(leading, found.products(leading)), slow)
        np.testing.assert_allclose(wanted.quadratic(leading, wanted.products(leading)), slow)


def test_a_dense_table_is_mixed_and_a_sparse_one_refuses(monkeypatch):
    found, wanted = twins(monkeypatch, numbers=2)
    matrix = RNG.normal(size=(11, 11))
    np.testing.assert_allclose(wanted.mixed(matrix).table, wanted.table @ matrix)
    with pytest.raises(FitError, match="slopes are not supported") as refused:
        found.mixed(matrix)
    assert "kunnen niet" in refused.value.nl


def test_every_pair_of_cells_in_a_row_is_listed_once():
    cells = sparse.csr_matrix(np.array([[1.0, 2.0, 0.0], [0.0, 0.0, 0.0], [3.0, 4.0, 5.0]]))
    pairs = Pairs.of(cells)
    assert list(zip(pairs.one.tolist(), pairs.other.tolist(), strict=True)) == [
        (0, 0), (0, 1), (1, 1), (2, 2), (2, 3), (2, 4), (3, 3), (3, 4), (4, 4),
    ]  # fmt: skip
    assert (Pairs.number(cells), pairs.width) == (9, 3)
    assert (pairs.rows.tolist(), pairs.columns.tolist()) == ([0, 0, 2, 2, 2], [0, 1, 0, 1, 2])


@pytest.mark.parametrize("upper", [True, False])
@pytest.mark.parametrize("size", [1, 512, 1100])
def test_a_triangle_is_mirrored_whatever_stood_in_the_other(upper, size):
    whole = RNG.normal(size=(size, size))
    whole += whole.T
    half = np.triu(whole) + np.tril(np.full_like(whole, 9.0), -1)
    np.testing.assert_array_equal(mirrored(half if upper else half.T.copy(), upper=upper), whole)


def test_a_table_is_sparse_where_it_is_large_and_its_pairs_can_be_listed(monkeypatch):
    def made() -> Crossing:
        whole = crossed()
        return Crossing(whole.first, whole.others, whole.numeric)

    cells, crossing = FIRST * 9, made()
    pairs = Pairs.number(crossing.pattern[0])
    monkeypatch.setattr(module, "DENSE_CELLS", cells)
    assert not made().is_sparse
    monkeypatch.setattr(module, "DENSE_CELLS", cells - 1)
    assert made().is_sparse
    assert not Crossing(crossing.first, (), crossing.numeric).is_sparse
    monkeypatch.setattr(module, "MOST_PAIRS", pairs)
    assert Crossing(crossing.first, crossing.others, crossing.numeric).is_sparse
    monkeypatch.setattr(module, "MOST_PAIRS", pairs - 1)
    monkeypatch.setattr(module, "MOST_CELLS", cells)
    assert not Crossing(crossing.first, crossing.others, crossing.numeric).is_sparse
    monkeypatch.setattr(module, "MOST_CELLS", cells - 1)
    with pytest.raises(FitError, match="leave a column out") as refused:
        assert Crossing(crossing.first, crossing.others, crossing.numeric).is_sparse
    assert "laat een kolom weg" in refused.value.nl
