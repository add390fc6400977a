"""The kernels are compiled before anybody waits for them."""

from graphsvc.topology.kernels import shortest
from graphsvc.topology.warm import warm


def test_a_warm_start_leaves_nothing_to_compile() -> None:
    warm()
    compiled = [name for name, kernel in vars(shortest).items() if getattr(kernel, "signatures", None)]
    assert compiled
