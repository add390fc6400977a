"""Benchmarks: peers and ours in the same run, told as ratios. ``graphsvc bench load|links|groups|trends``."""
