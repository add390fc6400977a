"""Operation 27: answers as files that other programs read."""
