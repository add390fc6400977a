"""The shape of the graph in memory-mapped arrays, and the compiled kernels that walk it under a caller's scope."""
