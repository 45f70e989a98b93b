"""One thread for many small matrices, and as many as before for whoever comes after."""

import numpy as np
from scipy import linalg
from threadpoolctl import threadpool_info, threadpool_limits

from karma_core.threads import one_thread


def threads() -> set[int]:
    return {each["num_threads"] for each in threadpool_info() if each["user_api"] == "blas"}


@one_thread()
def asked_within() -> set[int]:
    linalg.cholesky(np.eye(2))
    return threads()


def test_linear_algebra_runs_on_one_thread_and_has_its_own_number_back_afterwards():
    with threadpool_limits(2, user_api="blas"):
        assert (asked_within(), threads()) == ({1}, {2})
        try:
            with one_thread():
                raise ValueError
        except ValueError:
            assert threads() == {2}
