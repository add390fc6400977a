"""Groups planted in the synthetic world, criminal and innocent, and the truth about each."""
