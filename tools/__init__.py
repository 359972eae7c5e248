"""What the Makefile calls: environment, coverage floors, the room checker, the document generator."""
