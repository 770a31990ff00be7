"""What a person sets: global options, profiles, and where their files are."""
