"""What a command found out, and the exit code that follows."""
