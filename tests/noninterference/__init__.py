"""Non-interference: what a caller may not see changes nothing of what the caller gets."""
