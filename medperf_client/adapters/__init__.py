"""What stands behind the ports: one outside library, or one kind of file, a module."""
