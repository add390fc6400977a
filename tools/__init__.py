"""What `make` calls beside the program: checks of the lock files and pages made from the code."""
