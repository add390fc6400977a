"""Who asks, what they may see, and the one door through which answers are computed."""
