"""What people and programs see: results on stdout, everything else on stderr."""
